// A coverage map from the server: unpacked once, painted for each layer and theme, and read at a point.
import { FLOOR_STEPS, countColour, floorColour, type Palette, type Rgb } from "./palette";
import type { Layer } from "./state";
import type { PackedRaster } from "./types";

const TRACKED = 1;
const ENGAGEABLE = 2;
const CLOSED = 4;
const UNDERGROUND = 8;

/** The values at a point. */
export interface Reading {
  tracked: boolean;
  engageable: boolean;
  closed: boolean;
  underground: boolean;
  opportunities: number;
  /** m above the ground; null where no engagement radar sees. */
  floor: number | null;
}

/** Row 0 is the northernmost. West may be below -180 and east above 180: longitudes are continuous. */
export interface Raster {
  west: number;
  south: number;
  east: number;
  north: number;
  rows: number;
  columns: number;
  marks: Uint8Array;
  floor: Int16Array;
}

async function inflated(text: string): Promise<ArrayBuffer> {
  const packed = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"))).arrayBuffer();
}

export async function unpack(packed: PackedRaster): Promise<Raster> {
  const [marks, floor] = await Promise.all([inflated(packed.marks), inflated(packed.floor)]);
  return { ...packed, marks: new Uint8Array(marks), floor: new Int16Array(floor) };
}

// ----------------------------------------------------------------------------------------------------------------- painting

/** The raster in the colours of a layer. */
export function paint(raster: Raster, layer: Layer, palette: Palette): HTMLCanvasElement {
  const { rows, columns } = raster;
  const image = new ImageData(columns, rows);
  const points = new Uint32Array(image.data.buffer);
  if (layer === "floor") paintFloor(points, raster.floor, palette);
  else paintMarks(points, raster.marks, markColours(layer, palette));
  const canvas = blank(columns, rows);
  canvas.getContext("2d")!.putImageData(image, 0, 0);
  return canvas;
}

function blank(width: number, height: number): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  return canvas;
}

/** A colour with red in the lowest byte, as in canvas image data. */
const word = ([red, green, blue]: Rgb, opacity: number): number => ((Math.round(opacity * 255) << 24) | (blue << 16) | (green << 8) | red) >>> 0;

function markColours(layer: Exclude<Layer, "floor">, palette: Palette): Uint32Array {
  const bit = { tracked: TRACKED, engageable: ENGAGEABLE, closed: CLOSED, opportunities: 0 }[layer];
  return Uint32Array.from({ length: 256 }, (_, mark) => {
    if (layer === "opportunities") return mark >> 4 ? word(countColour(palette, mark >> 4), palette.opacity) : 0;
    return mark & bit ? word(palette.one[layer], palette.opacity) : 0;
  });
}

function paintMarks(points: Uint32Array, marks: Uint8Array, colours: Uint32Array): void {
  for (let k = 0; k < marks.length; k += 1) points[k] = colours[marks[k]!]!;
}

function paintFloor(points: Uint32Array, floor: Int16Array, palette: Palette): void {
  const colours = FLOOR_STEPS.map((_, step) => word(floorColour(palette, step), palette.opacity));
  for (let k = 0; k < floor.length; k += 1) {
    const metres = floor[k]!;
    if (metres < 0) continue;
    let step = FLOOR_STEPS.length - 1;
    while (metres < FLOOR_STEPS[step]!) step -= 1;
    points[k] = colours[step]!;
  }
}

// ------------------------------------------------------------------------------------------------------------- antimeridian

/** A part of a painted raster between -180 and 180. */
export interface Piece {
  canvas: HTMLCanvasElement;
  west: number;
  south: number;
  east: number;
  north: number;
}

/** A painted raster cut at the antimeridian, which tiles of a globe cannot cross; the cut is at the nearest edge of a column. */
export function cut(raster: Raster, painted: HTMLCanvasElement): Piece[] {
  const { west, east, south, north, rows, columns } = raster;
  const columnAt = (lon: number): number => Math.round(((lon - west) / (east - west)) * columns);
  const pieces: Piece[] = [];
  for (let turn = Math.floor((west + 180) / 360); -180 + 360 * turn < east; turn += 1) {
    const [from, to] = [Math.max(west, -180 + 360 * turn), Math.min(east, 180 + 360 * turn)];
    const [first, wide] = [columnAt(from), columnAt(to) - columnAt(from)];
    if (wide < 1) continue;
    const canvas = wide === columns ? painted : blank(wide, rows);
    if (canvas !== painted) canvas.getContext("2d")!.drawImage(painted, first, 0, wide, rows, 0, 0, wide, rows);
    pieces.push({ canvas, west: from - 360 * turn, east: to - 360 * turn, south, north });
  }
  return pieces;
}

// ------------------------------------------------------------------------------------------------------------------ reading

export function read(raster: Raster, lat: number, lon: number): Reading | null {
  const { west, east, south, north, rows, columns } = raster;
  const across = lon + 360 * Math.ceil((west - lon) / 360); // the first such longitude from the west edge on
  if (across >= east || lat <= south || lat > north) return null;
  const row = Math.floor(((north - lat) / (north - south)) * rows);
  const column = Math.floor(((across - west) / (east - west)) * columns);
  const [mark, floor] = [raster.marks[row * columns + column] ?? 0, raster.floor[row * columns + column] ?? -1];
  return {
    tracked: (mark & TRACKED) > 0,
    engageable: (mark & ENGAGEABLE) > 0,
    closed: (mark & CLOSED) > 0,
    underground: (mark & UNDERGROUND) > 0,
    opportunities: mark >> 4,
    floor: floor < 0 ? null : floor,
  };
}
