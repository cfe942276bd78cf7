// Colours. Those of coverage vary evenly from light to dark (dark to light in the dark theme), in greyscale and for colour-blind readers too.
import type { Layer, Theme } from "./state";

export type Rgb = readonly [number, number, number];

export interface Palette {
  sea: Rgb;
  lowland: Rgb;
  highland: Rgb;
  coast: string;
  border: string;
  space: string;
  claim: string;
  ink: string;
  halo: string;
  threat: string;
  /** Sequential colours, low to high. */
  ramp: readonly Rgb[];
  one: Record<"tracked" | "engageable" | "closed", Rgb>;
  opacity: number;
}

const RAMP: readonly Rgb[] = [
  [211, 235, 174],
  [138, 208, 176],
  [63, 169, 189],
  [42, 111, 176],
  [36, 58, 134],
  [27, 26, 75],
];

/** In the dark theme more is lighter; each step has a contrast of 3 to 1 with the background. */
const DARK_RAMP: readonly Rgb[] = [
  [72, 106, 178],
  [60, 140, 192],
  [74, 174, 188],
  [126, 204, 168],
  [194, 230, 156],
  [246, 250, 204],
];

export const PALETTES: Record<Theme, Palette> = {
  light: {
    sea: [214, 223, 229],
    lowland: [246, 244, 238],
    highland: [214, 205, 192],
    coast: "rgba(84,104,118,.75)",
    border: "rgba(92,84,76,.55)",
    space: "#eef1f3",
    claim: "#c4450c",
    ink: "#1b2530",
    halo: "rgba(255,255,255,.85)",
    threat: "#8a1538",
    ramp: RAMP,
    one: { tracked: [122, 178, 205], engageable: [63, 140, 189], closed: [30, 84, 158] },
    opacity: 0.74,
  },
  dark: {
    sea: [13, 20, 27],
    lowland: [30, 37, 44],
    highland: [62, 68, 74],
    coast: "rgba(150,176,194,.55)",
    border: "rgba(190,186,176,.38)",
    space: "#090d11",
    claim: "#ff9a5c",
    ink: "#e8eef3",
    halo: "rgba(8,12,16,.85)",
    threat: "#ff8fa8",
    ramp: DARK_RAMP,
    one: { tracked: [78, 122, 150], engageable: [72, 142, 186], closed: [98, 186, 240] },
    opacity: 0.68,
  },
};

/** Lower limits of the steps of the visibility floor, m above ground: lower floors stand out more. */
export const FLOOR_STEPS = [0, 100, 300, 1_000, 3_000, 10_000] as const;

export interface Swatch {
  colour: Rgb;
  text: string;
}

/** The legend of a layer. */
export function legend(layer: Layer, palette: Palette, enough: number): Swatch[] {
  if (layer === "floor") {
    const from = ["under 100 m", "from 100 m", "from 300 m", "from 1 km", "from 3 km", "from 10 km"];
    return from.map((text, k) => ({ colour: floorColour(palette, k), text }));
  }
  if (layer === "opportunities") {
    return [1, 2, 3, 4, 6, 8].map((count) => ({ colour: countColour(palette, count), text: count === 8 ? "8 or more" : String(count) }));
  }
  const text = {
    tracked: "tracked by an engagement radar",
    engageable: "a missile can reach it in time",
    closed: `closed: ${enough === 1 ? "a shot" : `${enough} shots`}, whichever way it comes`,
  }[layer];
  return [{ colour: palette.one[layer], text }];
}

export const floorColour = (palette: Palette, step: number): Rgb => palette.ramp[5 - step]!;

export const countColour = (palette: Palette, count: number): Rgb =>
  palette.ramp[[0, 0, 1, 2, 3, 3, 4, 4, 5][Math.min(count, 8)]!]!;

export const css = (colour: Rgb, alpha = 1): string => `rgba(${colour.join(",")},${alpha})`;
