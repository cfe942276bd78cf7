// How firing opportunities are spread round an asset: a figure for the panel, a ring on the globe.
import { el, svg } from "../dom";
import { arc } from "../geodesy";
import type { Painter } from "../overlay";
import { countColour, css, type Palette } from "../palette";
import type { Rose } from "../types";
import { percent, percentRange } from "../words";

/** Of the distance the globe is seen from. */
const RING = [0.022, 0.03] as const;
const ROSE_PX = 118;
const CORE_PX = 14;
const MOST_DRAWN = 8;

/** Rings round assets, each side as dark as it is well met. They are as large on the screen from wherever they are seen. */
export function ringPainter(roses: Rose[], palette: Palette, distanceKm: () => number): Painter {
  return (pen, where) => {
    const km = distanceKm();
    for (const rose of roses) {
      const counts = rose.approaches[0]?.opportunities ?? [];
      const half = 180 / Math.max(counts.length, 1);
      counts.forEach((count, k) => {
        const azimuth = rose.azimuths_deg[k]!;
        const edge = [...arc(rose.at, km * RING[0], azimuth - half, azimuth + half), ...arc(rose.at, km * RING[1], azimuth - half, azimuth + half).reverse()];
        pen.beginPath();
        for (const at of edge) {
          const point = where(...at);
          if (point) pen.lineTo(point.x, point.y);
        }
        pen.closePath();
        pen.fillStyle = count ? css(countColour(palette, count)) : palette.halo;
        pen.fill();
        pen.lineWidth = 0.7;
        pen.strokeStyle = palette.ink;
        pen.stroke();
      });
    }
  };
}

const radiusOf = (count: number): number => CORE_PX + ((ROSE_PX - 26) * Math.min(count, MOST_DRAWN)) / MOST_DRAWN;

export function roseFigure(rose: Rose, palette: Palette): HTMLElement {
  const approach = rose.approaches[0];
  if (!approach) return el("div", {});
  const half = 180 / rose.azimuths_deg.length;
  const petals = rose.azimuths_deg.map((azimuth, k) => petal(azimuth, half, approach.opportunities[k] ?? 0, palette));
  const circles = [2, 4, 6, 8].map((count) => svg("circle", { r: radiusOf(count), fill: "none", stroke: "var(--line)" }));
  const words = ([["N", 0, -1], ["E", 1, 0], ["S", 0, 1], ["W", -1, 0]] as const).map(([word, x, y]) => svg("text", { x: x * (ROSE_PX - 4), y: y * (ROSE_PX - 4) + 4, "text-anchor": "middle", fill: "var(--soft)", "font-size": 11 }, word));
  const text = roseText(rose, approach);
  return el(
    "figure",
    { class: "rose" },
    svg("svg", { viewBox: `${-ROSE_PX} ${-ROSE_PX} ${2 * ROSE_PX} ${2 * ROSE_PX}`, role: "img", "aria-label": text }, ...circles, ...petals, ...words) as unknown as HTMLElement,
    el("figcaption", {}, text),
  );
}

function petal(azimuth: number, half: number, count: number, palette: Palette): SVGElement {
  const radius = radiusOf(count);
  const spot = (angle: number): string => `${(radius * Math.sin((angle * Math.PI) / 180)).toFixed(1)} ${(-radius * Math.cos((angle * Math.PI) / 180)).toFixed(1)}`;
  return svg("path", { d: `M0 0L${spot(azimuth - half)}A${radius} ${radius} 0 0 1 ${spot(azimuth + half)}Z`, fill: count ? css(countColour(palette, count)) : "none", stroke: "var(--line)" }, svg("title", {}, `from ${azimuth}°: ${count}`));
}

function roseText(rose: Rose, approach: Rose["approaches"][number]): string {
  const least = Math.min(...approach.opportunities);
  const most = (end: "low" | "likely" | "high"): number => Math.max(...approach.leakage.map((one) => one[end]));
  const worst = { low: most("low"), likely: most("likely"), high: most("high") };
  const upward = { ...worst, low: Math.min(worst.low, worst.high), high: Math.max(worst.low, worst.high) };
  const weakest = rose.azimuths_deg[approach.leakage.findIndex((one) => one.likely === worst.likely)] ?? 0;
  return `${rose.asset}: at least ${least} opportunit${least === 1 ? "y" : "ies"} from the weakest side; of ${approach.together === 1 ? "one threat" : `${approach.together} threats together`} up to ${percent(worst.likely)} (${percentRange(upward)}) leak through, most from ${weakest}°.`;
}
