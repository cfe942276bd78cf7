// Geodesy for drawing only: points at a bearing and a distance, on a sphere.
import type { LatLon } from "./types";

export const EARTH_KM = 6371.0088;
const RAD = Math.PI / 180;

/** The place `km` from `at` towards `bearing`, on a sphere. */
export function away(at: LatLon, bearing: number, km: number): LatLon {
  const lat = at[0] * RAD;
  const [course, arc] = [bearing * RAD, km / EARTH_KM];
  const there = Math.asin(Math.sin(lat) * Math.cos(arc) + Math.cos(lat) * Math.sin(arc) * Math.cos(course));
  const turn = Math.atan2(Math.sin(course) * Math.sin(arc) * Math.cos(lat), Math.cos(arc) - Math.sin(lat) * Math.sin(there));
  return [there / RAD, wrapped(at[1] + turn / RAD)];
}

/** A longitude reduced to -180 to 180. */
export function wrapped(lon: number): number {
  return lon - 360 * Math.floor((lon + 180) / 360);
}

/** The same longitude within 180° of another, continuous across the antimeridian. */
export const unrolled = (lon: number, beside: number): number => beside + wrapped(lon - beside);

/** The bounding box of places, with its west edge within 180° of the first. */
export function boxOf(places: readonly LatLon[]): { west: number; south: number; east: number; north: number } {
  const lats = places.map((at) => at[0]);
  const lons = places.map((at) => unrolled(at[1], places[0]![1]));
  return { west: Math.min(...lons), south: Math.min(...lats), east: Math.max(...lons), north: Math.max(...lats) };
}

/** A place, moved south until nothing is within `km` of it. */
export function cleared(at: LatLon, stood: readonly LatLon[], km: number): LatLon {
  const near = ([lat, lon]: LatLon): boolean => Math.hypot(lat - at[0], wrapped(lon - at[1]) * Math.cos(at[0] * RAD)) * RAD * EARTH_KM < 0.9 * km;
  return stood.some(near) ? cleared(away(at, 180, km), stood, km) : at;
}

/** The bearing from one place to another, 0 to 360. */
export function bearing(from: LatLon, to: LatLon): number {
  const [a, b, across] = [from[0] * RAD, to[0] * RAD, (to[1] - from[1]) * RAD];
  const angle = Math.atan2(Math.sin(across) * Math.cos(b), Math.cos(a) * Math.sin(b) - Math.sin(a) * Math.cos(b) * Math.cos(across));
  return (angle / RAD + 360) % 360;
}

/** Points of an arc around a place, clockwise from one bearing to another. */
export function arc(at: LatLon, km: number, from = 0, to = 360, step = 3): LatLon[] {
  const many = Math.max(2, Math.ceil((to - from) / step));
  return Array.from({ length: many + 1 }, (_, k) => away(at, from + ((to - from) * k) / many, km));
}

/** The outline of a sector. */
export function wedge(at: LatLon, km: number, heading: number, width: number): LatLon[] {
  return [at, ...arc(at, km, heading - width / 2, heading + width / 2), at];
}
