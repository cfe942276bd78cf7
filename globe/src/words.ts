// Numbers as text.
import type { Bracket } from "./types";

/** A share in per cent, with a decimal below half a per cent. */
export const percent = (share: number): string => `${(100 * share).toFixed(share > 0 && share < 0.005 ? 1 : 0)} %`;

const bare = (share: number): string => percent(share).replace(" %", "");

/** A range, as "7–11 %". */
export const percentRange = (range: Bracket): string =>
  bare(range.low) === bare(range.high) ? percent(range.likely) : `${bare(range.low)}–${percent(range.high)}`;

const grouped = (value: number): string => Math.round(value).toLocaleString("en-US").replaceAll(",", "\u202f");

function rounded(value: number): number {
  const step = value < 1000 ? 10 : value < 10_000 ? 100 : 1000;
  return Math.round(value / step) * step;
}

export const area = (km2: number): string => `${grouped(rounded(km2))} km²`;

export const areaRange = (range: Bracket): string => `${grouped(rounded(range.low))}–${area(range.high)}`;

export function height(metres: number): string {
  if (Math.abs(metres) < 1000) return `${trimmed(metres, 0)} m`;
  return `${trimmed(metres / 1000, metres < 10_000 ? 1 : 0)} km`;
}

/** A number with at most a given number of decimals. */
export const trimmed = (value: number, decimals: number): string => String(Number(value.toFixed(decimals)));

export const rcs = (m2: number): string => `${Number(m2.toPrecision(2))} m²`;

export const place = (lat: number, lon: number): string =>
  `${Math.abs(lat).toFixed(2)}° ${lat < 0 ? "S" : "N"}, ${Math.abs(lon).toFixed(2)}° ${lon < 0 ? "W" : "E"}`;

/** A duration, as 1:05. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
