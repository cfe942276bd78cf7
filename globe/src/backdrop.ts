// Background of the globe: relief and lines, painted by tile, and terrain heights.
import { CustomHeightmapTerrainProvider, Event as CesiumEvent, GeographicTilingScheme, type ImageryProvider } from "@cesium/engine";
import { api } from "./api";
import type { Palette, Rgb } from "./palette";
import type { Lines } from "./types";

/** The deepest level of the server's tiles, and the deepest that is painted: levels between are cut from the former. */
const DEEPEST = 8;
const DEEPEST_PAINTED = 11;
const DEEPEST_HEIGHTS = 6;
const SIDE = 512;
const RELIEF_SIDE = 256;
const NODES = 65;
const LEVEL_LIGHT = 128;

interface Line {
  points: readonly number[];
  west: number;
  east: number;
  south: number;
  north: number;
}

function boxed(points: readonly number[]): Line {
  let [west, east, south, north] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let k = 0; k < points.length; k += 2) {
    west = Math.min(west, points[k]!);
    east = Math.max(east, points[k]!);
    south = Math.min(south, points[k + 1]!);
    north = Math.max(north, points[k + 1]!);
  }
  return { points, west, east, south, north };
}

interface Box {
  west: number;
  north: number;
  span: number;
}

const boxOf = (x: number, y: number, level: number): Box => {
  const span = 180 / 2 ** level;
  return { west: -180 + x * span, north: 90 - y * span, span };
};

export class Backdrop {
  private coasts: Line[];
  private borders: Line[];

  constructor(
    lines: Lines,
    private palette: () => Palette,
  ) {
    this.coasts = lines.coasts.map(boxed);
    this.borders = lines.borders.map(boxed);
  }

  /** Cesium's provider of tiles; a new one after each change of theme. */
  imagery(): ImageryProvider {
    const tilingScheme = new GeographicTilingScheme();
    const provider = {
      tilingScheme,
      rectangle: tilingScheme.rectangle,
      tileWidth: SIDE,
      tileHeight: SIDE,
      minimumLevel: 0,
      maximumLevel: DEEPEST_PAINTED,
      tileDiscardPolicy: undefined,
      errorEvent: new CesiumEvent(),
      credit: undefined,
      proxy: undefined,
      hasAlphaChannel: false,
      getTileCredits: () => [],
      pickFeatures: () => undefined,
      requestImage: (x: number, y: number, level: number) => this.tile(x, y, level),
    };
    return provider as unknown as ImageryProvider;
  }

  private async tile(x: number, y: number, level: number): Promise<HTMLCanvasElement> {
    const up = Math.max(level - DEEPEST, 0);
    const relief = new Uint8Array(await api.tile("relief", level - up, x >> up, y >> up));
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = SIDE;
    const pen = canvas.getContext("2d")!;
    const part = RELIEF_SIDE / 2 ** up;
    const [left, top] = [(x - ((x >> up) << up)) * part, (y - ((y >> up) << up)) * part];
    pen.imageSmoothingQuality = "high";
    pen.drawImage(tinted(relief, this.palette()), left, top, part, part, 0, 0, SIDE, SIDE);
    const box = boxOf(x, y, level);
    const thin = level < 3 ? 0.8 : 1;
    pen.lineJoin = "round";
    this.stroke(pen, this.borders, box, this.palette().border, 1.3 * thin, level < 2 ? [] : [6, 3, 1.5, 3]);
    this.stroke(pen, this.coasts, box, this.palette().coast, 1.3 * thin, []);
    return canvas;
  }

  private stroke(pen: CanvasRenderingContext2D, lines: Line[], box: Box, colour: string, width: number, dash: number[]): void {
    const scale = SIDE / box.span;
    pen.strokeStyle = colour;
    pen.lineWidth = width;
    pen.setLineDash(dash);
    pen.beginPath();
    for (const shift of [-360, 0, 360]) {
      for (const line of lines) {
        const [west, east] = [line.west + shift, line.east + shift];
        if (east < box.west || west > box.west + box.span || line.north < box.north - box.span || line.south > box.north) continue;
        for (let k = 0; k < line.points.length; k += 2) {
          const [px, py] = [(line.points[k]! + shift - box.west) * scale, (box.north - line.points[k + 1]!) * scale];
          if (k === 0) pen.moveTo(px, py);
          else pen.lineTo(px, py);
        }
      }
    }
    pen.stroke();
  }
}

/** Relief in the colours of a palette: tinted by altitude, shaded with light from the north-west. */
function tinted(relief: Uint8Array, palette: Palette): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = RELIEF_SIDE;
  const image = new ImageData(RELIEF_SIDE, RELIEF_SIDE);
  const tints = Array.from({ length: 256 }, (_, ground): Rgb => (ground === 0 ? palette.sea : between(palette, (ground - 1) / 140)));
  for (let k = 0; k < RELIEF_SIDE * RELIEF_SIDE; k += 1) {
    const tint = tints[relief[2 * k]!]!;
    const light = 1 + (0.55 * (relief[2 * k + 1]! - LEVEL_LIGHT)) / LEVEL_LIGHT;
    for (let band = 0; band < 3; band += 1) image.data[4 * k + band] = tint[band]! * light;
    image.data[4 * k + 3] = 255;
  }
  canvas.getContext("2d")!.putImageData(image, 0, 0);
  return canvas;
}

function between(palette: Palette, share: number): Rgb {
  const high = Math.min(share, 1);
  const mix = (band: 0 | 1 | 2): number => palette.lowland[band] + high * (palette.highland[band] - palette.lowland[band]);
  return [mix(0), mix(1), mix(2)];
}

/** Terrain heights; below the resolution of the data, the coarser tile is interpolated. */
export function terrain(): CustomHeightmapTerrainProvider {
  const provider = new CustomHeightmapTerrainProvider({
    width: NODES,
    height: NODES,
    tilingScheme: new GeographicTilingScheme(),
    callback: async (x, y, level) => new Float32Array(await api.tile("heights", level, x, y)),
  });
  provider.getTileDataAvailable = (_x, _y, level) => level <= DEEPEST_HEIGHTS;
  return provider;
}
