// The ground that a unit defends against ballistic missiles from one direction.
import { api, Refused } from "../api";
import { begin, done } from "../busy";
import { el } from "../dom";
import type { Shape } from "../overlay";
import { css } from "../palette";
import type { Ports } from "../ports";
import type { FootprintMap, LatLon, UnitAt } from "../types";
import { area, areaRange } from "../words";
import { faultList } from "./notes";

type Page = Pick<Ports, "about" | "systems" | "state" | "lines" | "themes">;

export function footprintPart(page: Page): HTMLElement {
  const { about, systems, state, themes } = page;
  const footprint = new Footprint(page);
  const threats = about.threats.filter((threat) => threat.kind === "ballistic");
  const threat = el("select", { id: "footprint-threat", onchange: () => footprint.clear() }, ...threats.map((one) => el("option", { value: one.id }, `${one.name} · ${Math.round(one.range_km ?? 0)} km`)));
  const from = el("input", { id: "footprint-from", type: "number", min: 0, max: 360, step: 5, value: "45", oninput: () => footprint.clear() });
  const button = el("button", { id: "footprint", type: "button", onclick: () => void footprint.ask(threat.value, from.valueAsNumber || 0) }, "Show footprint");
  const which = el("p", { class: "small" });
  themes.on(() => footprint.paint());
  state.on((now, before) => {
    const asked = (["units", "terrain", "opportunities"] as const).some((name) => now.look[name] !== before.look[name]);
    if (asked || now.selected !== before.selected) footprint.clear();
    else if (now.play !== before.play) footprint.paint();
    const unit = unitOf(state);
    const card = unit && systems.get(unit.system);
    button.disabled = !card?.ballistic_km;
    which.textContent = card ? `Of ${card.name} (${unit!.id})${card.ballistic_km ? "" : ", which engages no ballistic missiles"}.` : "Place or select a unit.";
  });
  return el("div", { class: "sub" }, el("h3", {}, "Ballistic footprint"), which, el("div", { class: "field" }, el("label", { for: "footprint-threat" }, "Against"), threat), el("div", { class: "field" }, el("label", { for: "footprint-from" }, "Fired from, °"), from), button, footprint.result);
}

/** The unit that is selected, or the first. */
function unitOf(state: Page["state"]): UnitAt | undefined {
  const { selected, look } = state.get();
  return (selected === null ? undefined : state.unit(selected)) ?? look.units[0];
}

class Footprint {
  readonly result = el("div", { class: "footprint-result", "aria-live": "polite" });
  private stop: AbortController | null = null;
  private seen: FootprintMap | null = null;

  constructor(private page: Page) {}

  clear(): void {
    this.stop?.abort();
    this.seen = null;
    this.result.replaceChildren();
    this.paint();
  }

  /** None of it while a raid plays. */
  paint(): void {
    const { palette } = this.page.themes;
    const areas = this.page.state.get().play === null && this.seen ? this.seen.areas : [];
    const look = { stroke: palette.ink, width: 1.8, halo: palette.halo, fill: css(palette.one.closed, 0.35) };
    this.page.lines.set("footprint", areas.map((rings): Shape => ({ points: rings.flatMap((ring) => points(ring)), ...look })));
  }

  async ask(threat: string, from: number): Promise<void> {
    const unit = unitOf(this.page.state);
    if (!unit) return;
    this.clear();
    const stop = (this.stop = new AbortController());
    const { opportunities, terrain } = this.page.state.get().look;
    begin("footprint");
    this.result.replaceChildren(el("span", { class: "spinner", "aria-hidden": "true" }), " some seconds …");
    try {
      this.tell(await api.footprint({ system: unit.system, at: unit.at, heading_deg: unit.heading_deg, threat, from_deg: from, opportunities, terrain }, stop.signal));
    } catch (error) {
      if (error instanceof Refused) this.result.replaceChildren(faultList(error.faults));
      else if (!stop.signal.aborted) this.result.replaceChildren("The server did not answer.");
    } finally {
      if (this.stop === stop) done("footprint");
    }
  }

  private tell(seen: FootprintMap): void {
    this.seen = seen;
    this.paint();
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
