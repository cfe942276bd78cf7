// The view as an image, with everything needed to judge it: sentence, legend, terrain, credits.
import type { Seen } from "./asking";
import { caption, type Overlay } from "./overlay";
import { css, legend, type Palette } from "./palette";
import { MEANS } from "./panels/layers";
import { brochureText, sentenceText, told } from "./panels/number";
import { icon } from "./symbols";
import type { View } from "./state";
import type { SkyAnswer, SystemSummary } from "./types";
import type { Viewer } from "./viewer";

const PAD = 22;
const FACE = "system-ui, sans-serif";
const BETWEEN = 12;

/** The content of the image. */
export interface Subject {
  viewer: Pick<Viewer, "canvas" | "renderNow" | "screenOf" | "palette">;
  overlay: Pick<Overlay, "canvas" | "draw">;
  systems: ReadonlyMap<string, SystemSummary>;
  view: View;
  /** Null without units. */
  seen: Seen | null;
  answer: SkyAnswer | null;
}

/** Lines of one font size, at most as wide as the image. */
interface Words {
  lines: string[];
  font: string;
  step: number;
  colour: string;
}

export async function picture(subject: Subject): Promise<Blob> {
  const { viewer, overlay } = subject;
  const [wide, high] = [viewer.canvas.clientWidth, viewer.canvas.clientHeight];
  const dots = viewer.canvas.width / wide;
  const style = getComputedStyle(document.documentElement);
  const [paper, ink, soft] = ["--paper", "--ink", "--soft"].map((name) => style.getPropertyValue(name)) as [string, string, string];
  const page = document.createElement("canvas");
  const pen = page.getContext("2d")!;
  const [over, under] = wordsOf(pen, subject, wide - 2 * PAD, ink, soft);
  const [head, foot] = [heightOf(over), heightOf(under)];
  [page.width, page.height] = [wide * dots, (head + high + foot) * dots];
  pen.scale(dots, dots);
  pen.fillStyle = paper;
  pen.fillRect(0, 0, wide, head + high + foot);
  viewer.renderNow();
  overlay.draw();
  for (const layer of [viewer.canvas, overlay.canvas]) pen.drawImage(layer, 0, head, wide, high);
  pen.save();
  pen.translate(0, head);
  await drawMarkers(pen, subject);
  drawLegend(pen, subject.view, viewer.palette, high, paper, ink);
  pen.restore();
  write(pen, over, 0);
  write(pen, under, head + high);
  return new Promise((resolve, reject) => page.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/png"));
}

// -------------------------------------------------------------------------------------------------------------------- words

/** The text above and below the map. */
function wordsOf(pen: CanvasRenderingContext2D, { seen, answer }: Subject, wide: number, ink: string, soft: string): [Words[], Words[]] {
  const words = (text: string, weight: number, size: number, colour: string): Words => {
    const font = `${weight} ${size}px ${FACE}`;
    return { lines: broken(pen, text, font, wide), font, step: Math.round(1.3 * size), colour };
  };
  const credits = words("closedsky · Natural Earth; NOAA ETOPO5 · CesiumJS", 400, 12, soft);
  if (!seen) return [[words("Nobody closes any sky.", 700, 27, ink)], [credits]];
  const { quick } = seen;
  const whose = answer?.relief ? "The number is a mean over made-up hills; the map is an upper bound" : "Upper bound";
  const bound = quick.terrain.upper_bound ? ` ${whose}: the terrain is coarse.` : "";
  return [
    [words(sentenceText(seen, answer), 700, 27, ink), words(`${brochureText(quick)}. ${told(seen)}${bound}`, 400, 15, soft)],
    [words(`Terrain: ${quick.terrain_label}. ${quick.assumed} of ${quick.figures} figures assumed, unverified or estimates.`, 400, 12, soft), credits],
  ];
}

/** A text wrapped to a width. */
function broken(pen: CanvasRenderingContext2D, text: string, font: string, wide: number): string[] {
  pen.font = font;
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const longer = lines.length ? `${lines.at(-1)} ${word}` : word;
    if (lines.length && pen.measureText(longer).width <= wide) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

const heightOf = (words: Words[]): number => words.reduce((sum, { lines, step }) => sum + lines.length * step, 2 * BETWEEN);

function write(pen: CanvasRenderingContext2D, words: Words[], top: number): void {
  let bottom = top + BETWEEN;
  for (const { lines, font, step, colour } of words) {
    pen.font = font;
    pen.fillStyle = colour;
    for (const line of lines) {
      bottom += step;
      pen.fillText(line, PAD, bottom - 0.25 * step);
    }
  }
}

// ---------------------------------------------------------------------------------------------------------------- on the map

async function drawMarkers(pen: CanvasRenderingContext2D, { viewer, systems, view }: Subject): Promise<void> {
  const { ink, halo } = viewer.palette;
  for (const unit of view.look.units) {
    const at = viewer.screenOf(...unit.at);
    if (!at) continue;
    const card = systems.get(unit.system);
    const drawn = icon(card?.platform ?? "land");
    const image = new Image(drawn.width, drawn.height);
    image.src = `data:image/svg+xml,${encodeURIComponent(drawn.svg)}`;
    await image.decode();
    pen.drawImage(image, at.x - drawn.x, at.y - drawn.y, drawn.width, drawn.height);
    caption(pen, card?.name ?? unit.system, { x: at.x, y: at.y + 34 }, ink, halo);
  }
  for (const asset of view.look.assets) {
    const at = viewer.screenOf(...asset.at);
    if (at) caption(pen, `● ${asset.id}`, { x: at.x, y: at.y + 11 }, ink, halo);
  }
}

function drawLegend(pen: CanvasRenderingContext2D, view: View, palette: Palette, bottom: number, paper: string, ink: string): void {
  const rows = legend(view.layer, palette, view.look.opportunities);
  const high = 18 * (rows.length + (view.circles ? 1 : 0)) + 36;
  const top = bottom - high + 6;
  pen.fillStyle = paper;
  pen.fillRect(14, top - 20, 310, high);
  pen.fillStyle = ink;
  pen.font = `600 12.5px ${FACE}`;
  pen.fillText(MEANS[view.layer], 26, top);
  pen.font = `12.5px ${FACE}`;
  rows.forEach((row, k) => {
    pen.fillStyle = css(row.colour);
    pen.fillRect(26, top + 12 + 18 * k, 20, 11);
    pen.fillStyle = ink;
    pen.fillText(row.text, 56, top + 22 + 18 * k);
  });
  if (!view.circles) return;
  pen.setLineDash([6, 4]);
  pen.lineWidth = 2.5;
  pen.strokeStyle = palette.claim;
  pen.beginPath();
  pen.moveTo(26, top + 18 + 18 * rows.length);
  pen.lineTo(46, top + 18 + 18 * rows.length);
  pen.stroke();
  pen.fillText("brochure circle: a claim", 56, top + 22 + 18 * rows.length);
}
