// A map of the sky as it came: unpacked once, painted as often as another layer or theme is wanted, read at a point.
import { FLOOR_STEPS, countColour, floorColour, type Palette, type Rgb } from "./palette";
import type { Layer } from "./state";
import type { Plate } from "./types";

const TRACKED = 1;
const ENGAGEABLE = 2;
const CLOSED = 4;
const UNDERGROUND = 8;

/** What is at a point. */
export interface Reading {
  tracked: boolean;
  engageable: boolean;
  closed: boolean;
  underground: boolean;
  opportunities: number;
  /** m above the ground; null where no engagement radar sees. */
  floor: number | null;
}

export interface Sheet {
  plate: Plate;
  marks: Uint8Array;
  floor: Int16Array;
}

async function inflated(text: string): Promise<ArrayBuffer> {
  const packed = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"))).arrayBuffer();
}

export async function unpack(plate: Plate): Promise<Sheet> {
  const [marks, floor] = await Promise.all([inflated(plate.marks), inflated(plate.floor)]);
  return { plate, marks: new Uint8Array(marks), floor: new Int16Array(floor) };
}

/** The sheet in the colours of a layer. */
export function paint(sheet: Sheet, layer: Layer, palette: Palette, target?: HTMLCanvasElement): HTMLCanvasElement {
  const { rows, columns } = sheet.plate;
  const canvas = target ?? document.createElement("canvas");
  canvas.width = columns;
  canvas.height = rows;
  const image = new ImageData(columns, rows);
  const points = new Uint32Array(image.data.buffer);
  if (layer === "floor") paintFloor(points, sheet.floor, palette);
  else paintMarks(points, sheet.marks, markColours(layer, palette));
  canvas.getContext("2d")!.putImageData(image, 0, 0);
  return canvas;
}

/** Red in the lowest byte, as canvases have it. */
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

export function read(sheet: Sheet, lat: number, lon: number): Reading | null {
  const { west, east, south, north, rows, columns } = sheet.plate;
  const across = lon < west ? lon + 360 : lon > east ? lon - 360 : lon;
  if (across < west || across >= east || lat <= south || lat > north) return null;
  const row = Math.floor(((north - lat) / (north - south)) * rows);
  const column = Math.floor(((across - west) / (east - west)) * columns);
  const [mark, floor] = [sheet.marks[row * columns + column] ?? 0, sheet.floor[row * columns + column] ?? -1];
  return {
    tracked: (mark & TRACKED) > 0,
    engageable: (mark & ENGAGEABLE) > 0,
    closed: (mark & CLOSED) > 0,
    underground: (mark & UNDERGROUND) > 0,
    opportunities: mark >> 4,
    floor: floor < 0 ? null : floor,
  };
}
