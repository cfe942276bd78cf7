// The shapes of what is asked and told, by the names they have on the server.
import type { components } from "./openapi";

type Shapes = components["schemas"];
export type About = Shapes["About"];
export type Assessment = Shapes["Assessment"];
export type Bracket = Shapes["Bracket"];
export type ClaimCard = Shapes["ClaimCard"];
export type Fault = Shapes["Wrong"];
export type FootprintLook = Shapes["FootprintLook"];
export type FootprintSeen = Shapes["FootprintSeen"];
export type Glance = Shapes["Glance"];
export type Lines = Shapes["Lines"];
export type Look = Shapes["Look"];
export type PackedRaster = Shapes["Plate"];
export type Replay = Shapes["Reel"];
export type ReplayShot = Shapes["ReelShot"];
export type ReplayTrack = Shapes["ReelTrack"];
export type Rose = Shapes["Rose"];
export type SkyAnswer = Shapes["SkyAnswer"];
export type SystemCard = Shapes["SystemCard"];
export type TestEvent = Shapes["TestEvent"];
export type UnitAt = Shapes["UnitAt"];

export type LatLon = [number, number];
