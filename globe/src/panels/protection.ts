// What is protected: assets, from which side threats are met how often; and the ground a unit defends against ballistic missiles.
import { api, Refused } from "../api";
import type { App } from "../app";
import type { Shown } from "../asking";
import { begin, done } from "../busy";
import { el, fold, svg } from "../dom";
import { arc, away } from "../geodesy";
import type { Painter, Shape } from "../overlay";
import { countColour, css, type Palette } from "../palette";
import type { FootprintSeen, LatLon, Rose } from "../types";
import type { Viewer } from "../viewer";
import { area, areaRange, percent, percentRange } from "../words";
import { faultList } from "./notes";

/** Of the distance the globe is seen from. */
const RING = [0.022, 0.03] as const;
const ROSE_PX = 118;
const MOST_DRAWN = 8;

export class Protection {
  readonly element: HTMLElement;
  private list = el("ul", { class: "assets" });
  private roses = el("div", { class: "roses" });
  private result = el("div", { class: "footprint-result", "aria-live": "polite" });
  private stop: AbortController | null = null;
  private latest: Shown | null = null;
  private seen: FootprintSeen | null = null;

  constructor(private app: App) {
    const add = el("button", { id: "add-asset", type: "button", onclick: () => this.add() }, "Place an asset");
    this.element = fold("protection", "What is protected", app.state.get().look.assets.length > 0, el("p", { class: "small" }, "An asset is a place to protect. Its rose tells, for each direction an attack may come from, how many firing opportunities it meets."), add, this.list, this.roses, this.footprint());
    app.state.on((now, before) => {
      if (now.look.assets !== before.look.assets || now === before) this.listed();
      const asked = (["units", "terrain", "opportunities"] as const).some((name) => now.look[name] !== before.look[name]);
      if (asked || now.selected !== before.selected) this.clear();
    });
  }

  /** In the middle of the view, or south of the unit that stands there. */
  private add(): void {
    const at = this.app.viewer.middle();
    const step = this.app.viewer.cameraNow().km / 22;
    const taken = this.app.state.get().look.units.some((unit) => Math.hypot(unit.at[0] - at[0], unit.at[1] - at[1]) < step / 111);
    this.app.state.addAsset(taken ? away(at, 180, step) : at);
  }

  private listed(): void {
    const { assets } = this.app.state.get().look;
    if (assets.length) this.element.setAttribute("open", "");
    this.list.replaceChildren(
      ...assets.map((asset) => el("li", {}, el("span", {}, asset.id), el("button", { type: "button", class: "icon", "aria-label": `Remove ${asset.id}`, onclick: () => this.app.state.removeAsset(asset.id) }, "×"))),
    );
  }

  // ------------------------------------------------------------------------------------------------------------------- roses

  show(shown: Shown): void {
    this.latest = shown;
    this.repaint();
  }

  /** In the colours of the theme there is, and none of it on the globe while a raid plays. */
  repaint(): void {
    const { palette } = this.app.viewer;
    const playing = this.app.state.get().play !== null;
    const roses = this.latest?.answered && this.latest.answer ? this.latest.answer.roses : [];
    this.roses.replaceChildren(...roses.map((rose) => roseFigure(rose, palette)));
    this.app.overlay.paint("roses", playing || !roses.length ? null : rings(roses, this.app.viewer));
    const areas = playing || !this.seen ? [] : this.seen.areas;
    const look = { stroke: palette.ink, width: 1.8, halo: palette.halo, fill: css(palette.one.closed, 0.35) };
    this.app.overlay.set("footprint", areas.map((rings): Shape => ({ points: rings.flatMap((ring) => points(ring)), ...look })));
  }

  // --------------------------------------------------------------------------------------------------------------- footprint

  private footprint(): HTMLElement {
    const threats = this.app.about.threats.filter((threat) => threat.kind === "ballistic");
    const threat = el("select", { id: "footprint-threat", onchange: () => this.clear() }, ...threats.map((one) => el("option", { value: one.id }, `${one.name} · ${Math.round(one.range_km ?? 0)} km`)));
    const from = el("input", { id: "footprint-from", type: "number", min: 0, max: 360, step: 5, value: "45", oninput: () => this.clear() });
    const button = el("button", { id: "footprint", type: "button", onclick: () => void this.ask(threat.value, from.valueAsNumber || 0) }, "Show footprint");
    const which = el("p", { class: "small" });
    this.app.state.on(() => {
      const unit = this.unit();
      const card = unit && this.app.systems.get(unit.system);
      button.disabled = !card?.ballistic_km;
      which.textContent = card ? `Of ${card.name} (${unit!.id})${card.ballistic_km ? "" : ", which engages no ballistic missiles"}.` : "Place or select a unit.";
    });
    return el("div", { class: "sub" }, el("h3", {}, "Ballistic footprint"), which, el("div", { class: "field" }, el("label", { for: "footprint-threat" }, "Against"), threat), el("div", { class: "field" }, el("label", { for: "footprint-from" }, "Fired from, °"), from), button, this.result);
  }

  private unit(): ReturnType<App["state"]["unit"]> {
    const { selected, look } = this.app.state.get();
    return (selected === null ? undefined : this.app.state.unit(selected)) ?? look.units[0];
  }

  private clear(): void {
    this.stop?.abort();
    this.seen = null;
    this.result.replaceChildren();
    this.repaint();
  }

  private async ask(threat: string, from: number): Promise<void> {
    const unit = this.unit();
    if (!unit) return;
    this.clear();
    const stop = (this.stop = new AbortController());
    const { opportunities, terrain } = this.app.state.get().look;
    begin("footprint");
    this.result.replaceChildren(el("span", { class: "spinner", "aria-hidden": "true" }), " some seconds …");
    try {
      const seen = await api.footprint({ system: unit.system, at: unit.at, heading_deg: unit.heading_deg, threat, from_deg: from, opportunities, terrain }, stop.signal);
      this.tell(seen);
    } catch (error) {
      if (error instanceof Refused) this.result.replaceChildren(faultList(error.faults));
      else if (!stop.signal.aborted) this.result.replaceChildren("The server did not answer.");
    } finally {
      if (this.stop === stop || stop.signal.aborted) done("footprint");
    }
  }

  private tell(seen: FootprintSeen): void {
    this.seen = seen;
    this.repaint();
    const [low, likely, high] = [seen.answer.low[0], seen.answer.likely[0], seen.answer.high[0]];
    if (!low || !likely || !high) return;
    const range = areaRange({ low: low.area_km2, likely: likely.area_km2, high: high.area_km2 });
    const said = `Defended: ${area(likely.area_km2)} (${range}).${likely.why_none ? ` ${likely.why_none}.` : ""}`;
    const attacker = low.why_none ? "With every figure at its end that favours the attacker nothing is defended." : "";
    this.result.replaceChildren(...[said, attacker, ...seen.answer.warnings].filter(Boolean).map((text, k) => el("p", { class: k ? "small" : "" }, text)));
  }
}

function points(flat: readonly number[]): LatLon[] {
  return Array.from({ length: flat.length / 2 }, (_, k): LatLon => [flat[2 * k + 1]!, flat[2 * k]!]);
}

/** Rings round assets, each side as dark as it is well met. They are as large on the screen from wherever they are seen. */
function rings(roses: Rose[], viewer: Viewer): Painter {
  return (pen, where) => {
    const { palette } = viewer;
    const km = viewer.cameraNow().km;
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

function roseFigure(rose: Rose, palette: Palette): HTMLElement {
  const approach = rose.approaches[0];
  if (!approach) return el("div", {});
  const half = 180 / rose.azimuths_deg.length;
  const petal = (azimuth: number, count: number): SVGElement => {
    const radius = 14 + ((ROSE_PX - 26) * Math.min(count, MOST_DRAWN)) / MOST_DRAWN;
    const spot = (angle: number): string => `${(radius * Math.sin((angle * Math.PI) / 180)).toFixed(1)} ${(-radius * Math.cos((angle * Math.PI) / 180)).toFixed(1)}`;
    return svg("path", { d: `M0 0L${spot(azimuth - half)}A${radius} ${radius} 0 0 1 ${spot(azimuth + half)}Z`, fill: count ? css(countColour(palette, count)) : "none", stroke: "var(--line)" }, svg("title", {}, `from ${azimuth}°: ${count}`));
  };
  const circles = [2, 4, 6, 8].map((count) => svg("circle", { r: 14 + ((ROSE_PX - 26) * count) / MOST_DRAWN, fill: "none", stroke: "var(--line)" }));
  const words = ([["N", 0, -1], ["E", 1, 0], ["S", 0, 1], ["W", -1, 0]] as const).map(([word, x, y]) => svg("text", { x: x * (ROSE_PX - 4), y: y * (ROSE_PX - 4) + 4, "text-anchor": "middle", fill: "var(--soft)", "font-size": 11 }, word));
  const least = Math.min(...approach.opportunities);
  const most = (end: "low" | "likely" | "high"): number => Math.max(...approach.leakage.map((one) => one[end]));
  const worst = { low: most("low"), likely: most("likely"), high: most("high") };
  const upward = { ...worst, low: Math.min(worst.low, worst.high), high: Math.max(worst.low, worst.high) };
  const weakest = rose.azimuths_deg[approach.leakage.findIndex((one) => one.likely === worst.likely)] ?? 0;
  const text = `${rose.asset}: at least ${least} opportunit${least === 1 ? "y" : "ies"} from the weakest side; of ${approach.together === 1 ? "one threat" : `${approach.together} threats together`} up to ${percent(worst.likely)} (${percentRange(upward)}) leak through, most from ${weakest}°.`;
  return el(
    "figure",
    { class: "rose" },
    svg("svg", { viewBox: `${-ROSE_PX} ${-ROSE_PX} ${2 * ROSE_PX} ${2 * ROSE_PX}`, role: "img", "aria-label": text }, ...circles, ...rose.azimuths_deg.map((azimuth, k) => petal(azimuth, approach.opportunities[k] ?? 0)), ...words) as unknown as HTMLElement,
    el("figcaption", {}, text),
  );
}
