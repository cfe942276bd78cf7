// Draws a replayed raid at one moment, from the engine's records alone.
import { arc, wedge } from "./geodesy";
import { caption, type Painter } from "./overlay";
import type { Palette } from "./palette";
import type { LatLon, Replay, ReplayShot, ReplayTrack } from "./types";
import type { Point } from "./viewer";

const TRAIL_S = 150;
const FLASH_S = 9;

type Where = (lat: number, lon: number, metres?: number) => Point | null;
type Spot = [number, number, number];

/** The position of a threat, interpolated linearly between records. */
export function spotAt(track: ReplayTrack, time: number): Spot {
  const many = track.positions.length / 3;
  const at = Math.min(Math.max((Math.min(time, track.end_s) - track.start_s) / track.step_s, 0), many - 1);
  const k = Math.min(Math.floor(at), Math.max(many - 2, 0));
  const part = (band: number): number => {
    const here = track.positions[3 * k + band]!;
    return here + (at - k) * ((track.positions[3 * k + 3 + band] ?? here) - here);
  };
  return [part(0), part(1), part(2)];
}

export function painter(replay: Replay, palette: Palette, now: () => number): Painter {
  return (pen, where) => {
    const time = now();
    for (const asset of replay.assets) loop(pen, arc(asset.at, Math.max(asset.radius_m / 1000, 1.2)), where, palette.ink, asset.name, palette);
    for (const unit of replay.units) drawUnit(pen, unit, where, palette);
    for (const track of replay.tracks) if (track.start_s <= time) drawTrack(pen, track, time, where, palette);
    for (const shot of replay.shots) drawShot(pen, shot, time, where, palette);
  };
}

function line(pen: CanvasRenderingContext2D, spots: Iterable<Spot | LatLon>, where: Where): void {
  pen.beginPath();
  let open = false;
  for (const [lat, lon, metres] of spots) {
    const at = where(lat, lon, metres ?? 0);
    if (at && open) pen.lineTo(at.x, at.y);
    else if (at) pen.moveTo(at.x, at.y);
    open = at !== null;
  }
}

function loop(pen: CanvasRenderingContext2D, points: LatLon[], where: Where, colour: string, name: string, palette: Palette): void {
  line(pen, points, where);
  pen.setLineDash([]);
  pen.lineWidth = 1.6;
  pen.strokeStyle = colour;
  pen.stroke();
  const top = points[0] && where(...points[0]);
  if (top) caption(pen, name, top, colour, palette.halo, 12);
}

function drawUnit(pen: CanvasRenderingContext2D, unit: Replay["units"][number], where: Where, palette: Palette): void {
  const at = where(...unit.at);
  if (!at) return;
  const [r, g, b] = palette.one.closed;
  const outline = unit.sector_deg < 360 ? wedge(unit.at, unit.range_km, unit.heading_deg, unit.sector_deg) : arc(unit.at, unit.range_km);
  line(pen, outline, where);
  pen.fillStyle = `rgba(${r},${g},${b},.08)`;
  pen.fill();
  pen.setLineDash([5, 5]);
  pen.lineWidth = 1;
  pen.strokeStyle = `rgba(${r},${g},${b},.55)`;
  pen.stroke();
  pen.fillStyle = `rgb(${r},${g},${b})`;
  pen.fillRect(at.x - 5, at.y - 5, 10, 10);
  caption(pen, unit.system, { x: at.x, y: at.y + 26 }, palette.ink, palette.halo, 11);
}

function* trail(track: ReplayTrack, from: number, to: number): Generator<Spot> {
  for (let time = from; time < to; time += Math.max(track.step_s, (to - from) / 60)) yield spotAt(track, time);
  yield spotAt(track, to);
}

function drawTrack(pen: CanvasRenderingContext2D, track: ReplayTrack, time: number, where: Where, palette: Palette): void {
  const over = time >= track.end_s;
  const to = Math.min(time, track.end_s);
  pen.setLineDash([]);
  pen.strokeStyle = palette.threat;
  pen.globalAlpha = over ? 0.22 : 0.75;
  pen.lineWidth = over ? 1 : 2;
  line(pen, trail(track, Math.max(track.start_s, over ? track.start_s : to - TRAIL_S), to), where);
  pen.stroke();
  pen.globalAlpha = 1;
  const at = where(...spotAt(track, to));
  if (!at) return;
  if (!over) dot(pen, at, 4, palette.threat, palette.halo);
  else if (track.end === "killed") cross(pen, at, palette);
  else if (track.end === "impact") {
    flash(pen, at, time - track.end_s, palette.threat);
    dot(pen, at, 5, palette.threat, palette.halo);
  } else ringlet(pen, at, palette.threat);
}

function drawShot(pen: CanvasRenderingContext2D, shot: ReplayShot, time: number, where: Where, palette: Palette): void {
  if (time < shot.start_s) return;
  const meeting = where(...shot.meeting);
  if (time >= shot.end_s) {
    if (meeting) flash(pen, meeting, time - shot.end_s, shot.kill ? `rgb(${palette.one.closed.join(",")})` : palette.ink);
    return;
  }
  const part = (time - shot.start_s) / Math.max(shot.end_s - shot.start_s, 1e-6);
  const [lat, lon, metres] = shot.meeting;
  const head: Spot = [shot.origin[0] + part * (lat - shot.origin[0]), shot.origin[1] + part * (lon - shot.origin[1]), part * metres];
  line(pen, [[...shot.origin, 0] as Spot, head], where);
  pen.setLineDash([]);
  pen.lineWidth = 1.6;
  pen.strokeStyle = `rgb(${palette.one.closed.join(",")})`;
  pen.stroke();
  const at = where(...head);
  if (at) dot(pen, at, 3, `rgb(${palette.one.closed.join(",")})`, palette.halo);
}

function dot(pen: CanvasRenderingContext2D, at: Point, radius: number, colour: string, halo: string): void {
  pen.setLineDash([]);
  pen.beginPath();
  pen.arc(at.x, at.y, radius, 0, 7);
  pen.fillStyle = colour;
  pen.strokeStyle = halo;
  pen.lineWidth = 2;
  pen.stroke();
  pen.fill();
}

function cross(pen: CanvasRenderingContext2D, at: Point, palette: Palette): void {
  pen.strokeStyle = `rgb(${palette.one.closed.join(",")})`;
  pen.lineWidth = 2.2;
  pen.beginPath();
  for (const [a, b] of [[-4, -4], [-4, 4]] as const) {
    pen.moveTo(at.x + a, at.y + b);
    pen.lineTo(at.x - a, at.y - b);
  }
  pen.stroke();
}

function ringlet(pen: CanvasRenderingContext2D, at: Point, colour: string): void {
  pen.beginPath();
  pen.arc(at.x, at.y, 4, 0, 7);
  pen.lineWidth = 1.6;
  pen.strokeStyle = colour;
  pen.stroke();
}

function flash(pen: CanvasRenderingContext2D, at: Point, since: number, colour: string): void {
  if (since > FLASH_S) return;
  pen.globalAlpha = 1 - since / FLASH_S;
  pen.beginPath();
  pen.arc(at.x, at.y, 5 + 2 * since, 0, 7);
  pen.lineWidth = 2.5;
  pen.strokeStyle = colour;
  pen.stroke();
  pen.globalAlpha = 1;
}
