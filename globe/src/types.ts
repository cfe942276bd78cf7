// Types of requests and answers, by their names on the server.
import type { components } from "./openapi";

type Shapes = components["schemas"];
export type About = Shapes["About"];
export type Assessment = Shapes["Assessment"];
export type Bracket = Shapes["Bracket"];
export type ClaimSummary = Shapes["ClaimSummary"];
export type Fault = Shapes["Fault"];
export type FootprintMapRequest = Shapes["FootprintMapRequest"];
export type FootprintMap = Shapes["FootprintMap"];
export type QuickAnswer = Shapes["QuickAnswer"];
export type Lines = Shapes["Lines"];
export type MapRequest = Shapes["MapRequest"];
export type PackedRaster = Shapes["MapRaster"];
export type Replay = Shapes["Replay"];
export type ReplayShot = Shapes["ReplayShot"];
export type ReplayTrack = Shapes["ReplayTrack"];
export type Rose = Shapes["Rose"];
export type FullAnswer = Shapes["FullAnswer"];
export type SkyAnswer = Shapes["SkyAnswer"];
export type SystemSummary = Shapes["SystemSummary"];
export type TestEvent = Shapes["TestEvent"];
export type UnitAt = Shapes["UnitAt"];

export type LatLon = [number, number];
