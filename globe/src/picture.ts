// The view as a picture, with all that a reader needs to judge it: sentence, legend, terrain, credits.
import type { App } from "./app";
import { download } from "./dom";
import { css, legend, PALETTES } from "./palette";
import { MEANS } from "./panels/layers";
import { caption } from "./overlay";
import { brochureText, sentenceText, told } from "./panels/number";
import { icon } from "./symbols";

const HEAD = 92;
const FOOT = 64;
const PAD = 22;

export async function savePicture(app: App): Promise<void> {
  if (app.state.get().play) return app.notes.say("A picture is of the sky that is closed: close the raid first.");
  if (app.state.get().look.units.length && !app.asking.shown.answered) return app.notes.say("The answer is still on its way: try again in a moment.");
  download("closedsky.png", await picture(app));
}

export async function picture(app: App): Promise<Blob> {
  const { viewer } = app;
  const [wide, high] = [viewer.canvas.clientWidth, viewer.canvas.clientHeight];
  const dots = viewer.canvas.width / wide;
  const page = document.createElement("canvas");
  [page.width, page.height] = [wide * dots, (high + HEAD + FOOT) * dots];
  const pen = page.getContext("2d")!;
  pen.scale(dots, dots);
  const style = getComputedStyle(document.documentElement);
  const paper = style.getPropertyValue("--paper");
  const ink = style.getPropertyValue("--ink");
  pen.fillStyle = paper;
  pen.fillRect(0, 0, wide, high + HEAD + FOOT);
  viewer.renderNow();
  pen.drawImage(viewer.canvas, 0, HEAD, wide, high);
  app.overlay.draw();
  pen.drawImage(app.overlay.canvas, 0, HEAD, wide, high);
  await drawMarkers(pen, app);
  drawLegend(pen, app, HEAD + high, paper, ink);
  drawWords(pen, app, wide, high, ink, style.getPropertyValue("--soft"));
  return new Promise((resolve, reject) => page.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/png"));
}

async function drawMarkers(pen: CanvasRenderingContext2D, app: App): Promise<void> {
  const { ink, halo } = app.viewer.palette;
  for (const unit of app.state.get().look.units) {
    const at = app.viewer.screenOf(...unit.at);
    if (!at) continue;
    const drawn = icon(app.systems.get(unit.system)?.platform ?? "land");
    const image = new Image(drawn.width, drawn.height);
    image.src = `data:image/svg+xml,${encodeURIComponent(drawn.svg)}`;
    await image.decode();
    pen.drawImage(image, at.x - drawn.x, HEAD + at.y - drawn.y, drawn.width, drawn.height);
    caption(pen, app.systems.get(unit.system)?.name ?? unit.system, { x: at.x, y: HEAD + at.y + 34 }, ink, halo);
  }
  for (const asset of app.state.get().look.assets) {
    const at = app.viewer.screenOf(...asset.at);
    if (at) caption(pen, `● ${asset.id}`, { x: at.x, y: HEAD + at.y + 11 }, ink, halo);
  }
}

function drawWords(pen: CanvasRenderingContext2D, app: App, wide: number, high: number, ink: string, soft: string): void {
  const { shown } = app.asking;
  const glance = shown.glance;
  if (!glance) return;
  pen.fillStyle = ink;
  pen.font = "700 27px system-ui, sans-serif";
  pen.fillText(sentenceText(shown), PAD, 42, wide - 2 * PAD);
  pen.font = "15px system-ui, sans-serif";
  pen.fillStyle = soft;
  const bound = glance.terrain.upper_bound ? " Upper bound: the terrain is coarse." : "";
  const under = `${brochureText(glance)}. ${told(shown.look, glance)}${bound}`;
  pen.fillText(under, PAD, 70, wide - 2 * PAD);
  pen.font = "12px system-ui, sans-serif";
  pen.fillText(`Terrain: ${glance.terrain_label}. ${glance.assumed} of ${glance.figures} figures assumed or unverified.`, PAD, HEAD + high + 26, wide - 2 * PAD);
  pen.fillText("closedsky · Natural Earth; NOAA ETOPO5 · CesiumJS", PAD, HEAD + high + 46, wide - 2 * PAD);
}

function drawLegend(pen: CanvasRenderingContext2D, app: App, bottom: number, paper: string, ink: string): void {
  const view = app.state.get();
  const rows = legend(view.layer, PALETTES[app.theme()], view.look.opportunities);
  const high = 18 * (rows.length + (view.circles ? 1 : 0)) + 36;
  const top = bottom - high + 6;
  pen.fillStyle = paper;
  pen.fillRect(14, top - 20, 310, high);
  pen.fillStyle = ink;
  pen.font = "600 12.5px system-ui, sans-serif";
  pen.fillText(MEANS[view.layer], 26, top);
  pen.font = "12.5px system-ui, sans-serif";
  rows.forEach((row, k) => {
    pen.fillStyle = css(row.colour);
    pen.fillRect(26, top + 12 + 18 * k, 20, 11);
    pen.fillStyle = ink;
    pen.fillText(row.text, 56, top + 22 + 18 * k);
  });
  if (!view.circles) return;
  pen.setLineDash([6, 4]);
  pen.lineWidth = 2.5;
  pen.strokeStyle = PALETTES[app.theme()].claim;
  pen.beginPath();
  pen.moveTo(26, top + 18 + 18 * rows.length);
  pen.lineTo(46, top + 18 + 18 * rows.length);
  pen.stroke();
  pen.fillStyle = ink;
  pen.fillText("brochure circle: a claim", 56, top + 22 + 18 * rows.length);
}
