// The units there are: which system, where, which way; one more, or one fewer.
import { el, fold } from "../dom";
import type { Ports } from "../ports";
import { rounded, type State } from "../state";
import type { SystemSummary, UnitAt } from "../types";
import { freeSpot } from "./spot";

export class UnitsPanel {
  readonly element: HTMLElement;
  private list = el("ul", { id: "units" });
  private hint = el("p", { class: "small hint", "aria-live": "polite" });
  private state: State;
  private add = el("button", { id: "add", type: "button", class: "primary" }, "Place it");
  /** The unit that the next click on the globe puts in its place: the newest, as long as nothing else has become of the units. */
  private armed: string | null = null;

  constructor(private page: Pick<Ports, "about" | "systems" | "state" | "answers" | "camera" | "say">) {
    this.state = page.state;
    const { about, state } = page;
    const choose = el("select", { id: "system", "aria-label": "System" }, ...about.systems.map((system) => el("option", { value: system.id }, titled(system))));
    choose.value = "s-400";
    this.add.addEventListener("click", () => this.place(choose.value));
    this.element = fold("units-panel", "Units", true, el("div", { class: "row" }, choose, this.add), this.hint, this.list);
    state.on((now, before) => {
      if (now.look.units !== before.look.units || now.play) this.disarm();
      if (now.look.units !== before.look.units || now.selected !== before.selected || !this.list.childElementCount) this.update();
    });
    page.answers.on("The list of units", ({ seen }) => this.flag(seen?.quick.afloat ?? []));
    addEventListener("keydown", (event) => event.key === "Escape" && this.disarm());
  }

  private place(system: string): void {
    this.armed = this.state.addUnit(system, freeSpot(this.page));
    this.hint.textContent = "It stands in the middle of the view, or beside what stands there. Drag it, or click where it should stand.";
  }

  /** A click on the globe: puts down what has just been added. Whether there was anything to put down. */
  click(lat: number, lon: number): boolean {
    if (this.armed === null) return false;
    this.state.changeUnit(this.armed, { at: rounded([lat, lon]) });
    return true;
  }

  private disarm(): void {
    this.armed = null;
    this.hint.textContent = "";
  }

  // ------------------------------------------------------------------------------------------------------------------- list

  private update(): void {
    const { look, selected } = this.state.get();
    const rows = [...this.list.querySelectorAll<HTMLElement>("[data-unit]")];
    const same = rows.length === look.units.length && rows.every((row, k) => row.dataset.unit === look.units[k]!.id && row.dataset.system === look.units[k]!.system);
    if (!same) this.list.replaceChildren(...look.units.map((unit) => this.row(unit)));
    if (!look.units.length) this.list.replaceChildren(el("li", { class: "empty" }, "No unit stands anywhere yet."));
    for (const unit of look.units) this.refresh(unit, unit.id === selected);
  }

  private row(unit: UnitAt): HTMLElement {
    const card = this.page.systems.get(unit.system);
    const sector = (card?.sector_deg ?? 360) < 360;
    const field = (name: string, label: string, min: number, max: number): HTMLElement =>
      el("label", {}, el("span", {}, label), el("input", { type: "number", name, min, max, step: "any", "aria-label": `${label} of ${unit.id}`, onchange: (event: Event) => this.typed(unit.id, event) }));
    return el(
      "li",
      { "data-unit": unit.id, "data-system": unit.system },
      el("button", { type: "button", class: "unit-name", onclick: () => this.select(unit.id) }, card?.name ?? unit.system, el("span", { class: "small" }, ` ${brochure(card)}`)),
      el("button", { type: "button", class: "icon remove", title: "Remove", "aria-label": `Remove ${unit.id}`, onclick: () => this.remove(unit.id) }, "×"),
      el("div", { class: "fields" }, field("lat", "Latitude", -90, 90), field("lon", "Longitude", -180, 360), sector && field("heading", "Heading", 0, 360)),
      el("p", { class: "small afloat", hidden: true }, "It stands at sea: counted as on a ship."),
      sector && el("button", { type: "button", class: "link free", onclick: () => this.state.changeUnit(unit.id, { heading_deg: null }) }, "let it turn wherever it has to"),
    );
  }

  /** Whose unit stands at sea, by the server: it is counted as on a ship there, which may not be what was meant. */
  private flag(afloat: readonly string[]): void {
    for (const row of this.list.querySelectorAll<HTMLElement>("[data-unit]")) row.querySelector<HTMLElement>(".afloat")!.hidden = !afloat.includes(row.dataset.unit!);
  }

  private refresh(unit: UnitAt, selected: boolean): void {
    const row = this.list.querySelector<HTMLElement>(`[data-unit="${CSS.escape(unit.id)}"]`);
    if (!row) return;
    row.classList.toggle("selected", selected);
    row.querySelector(".unit-name")!.setAttribute("aria-pressed", String(selected));
    const put = (name: string, text: string): void => {
      const input = row.querySelector<HTMLInputElement>(`[name=${name}]`);
      if (input && document.activeElement !== input) input.value = text;
    };
    put("lat", String(unit.at[0]));
    put("lon", String(unit.at[1]));
    put("heading", unit.heading_deg == null ? "" : String(unit.heading_deg));
    const free = row.querySelector<HTMLElement>(".free");
    if (free) free.hidden = unit.heading_deg == null;
  }

  private select(id: string): void {
    this.state.set({ selected: id });
  }

  /** The focus goes to the next in the list, or to where one more comes from. */
  private remove(id: string): void {
    const at = this.state.get().look.units.findIndex((unit) => unit.id === id);
    this.state.removeUnit(id);
    const left = this.list.querySelectorAll<HTMLElement>(".remove");
    (left[Math.min(at, left.length - 1)] ?? this.add).focus();
  }

  private typed(id: string, event: Event): void {
    const input = event.target as HTMLInputElement;
    const unit = this.state.unit(id);
    if (!unit) return;
    const emptied = input.value === "" && !input.validity.badInput;
    if (input.name === "heading" && emptied) return this.state.changeUnit(id, { heading_deg: null });
    if (emptied || !input.checkValidity()) {
      const held = { lat: unit.at[0], lon: unit.at[1], heading: unit.heading_deg ?? "" }[input.name];
      input.value = String(held ?? "");
      return this.page.say(`${input.getAttribute("aria-label")} is from ${input.min} to ${input.max}: it stays as it was.`);
    }
    if (input.name === "heading") return this.state.changeUnit(id, { heading_deg: input.valueAsNumber });
    const at: [number, number] = input.name === "lat" ? [input.valueAsNumber, unit.at[1]] : [unit.at[0], input.valueAsNumber];
    this.state.changeUnit(id, { at });
  }
}

const brochure = (card: SystemSummary | undefined): string => (card?.range_km ? `brochure ${Math.round(card.range_km)} km` : "");

const titled = (card: SystemSummary): string => `${card.name}${card.platform === "ship" ? " (ship)" : ""}${card.range_km ? ` · ${Math.round(card.range_km)} km` : ""}`;
