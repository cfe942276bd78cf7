// Units and assets on the globe: buttons at their places, which can be dragged, turned and moved by keys.
import { el } from "./dom";
import { away, bearing, wrapped } from "./geodesy";
import { icon } from "./symbols";
import { rounded, type State } from "./state";
import type { LatLon, SystemSummary } from "./types";
import type { Viewer } from "./viewer";

const KM_A_DEGREE = 111.2;
const HANDLE_PX = 74;
/** With more units than this, a name is shown only under the pointer. */
const MOST_NAMED = 9;
const TURN_DEG = 5;

interface Marker {
  element: HTMLButtonElement;
  at: LatLon;
}

export class Markers {
  private units = new Map<string, Marker>();
  private assets = new Map<string, Marker>();
  private handle: HTMLElement;

  constructor(
    private viewer: Viewer,
    private layer: HTMLElement,
    private state: State,
    private systems: ReadonlyMap<string, SystemSummary>,
    private drag: (dragging: boolean) => void,
  ) {
    this.handle = el("div", { class: "turn", title: "Drag to turn the sector", "aria-hidden": "true" });
    layer.append(this.handle);
    follow(this.handle, this.viewer, (place) => this.turnTowards(place), drag);
    viewer.scene.postRender.addEventListener(() => this.place());
    state.on(() => this.update());
  }

  private update(): void {
    const { look, selected, play } = this.state.get();
    this.layer.classList.toggle("away", play !== null);
    this.layer.classList.toggle("crowd", look.units.length > MOST_NAMED);
    this.renew(this.units, look.units, (unit) => this.makeUnit(unit.id, unit.system));
    this.renew(this.assets, look.assets, (asset) => this.makeAsset(asset.id));
    for (const [id, { element }] of this.units) element.setAttribute("aria-pressed", String(id === selected));
    this.place();
  }

  private renew<T extends { id: string; at: LatLon; system?: string }>(markers: Map<string, Marker>, wanted: T[], make: (one: T) => HTMLButtonElement): void {
    for (const [id, marker] of markers) {
      const still = wanted.find((one) => one.id === id);
      if (still && marker.element.dataset.system === (still.system ?? "")) continue;
      if (marker.element === document.activeElement) this.viewer.canvas.focus(); // keeps the focus on the page
      marker.element.remove();
      markers.delete(id);
    }
    for (const one of wanted) {
      const marker = markers.get(one.id) ?? { element: make(one), at: one.at };
      marker.element.dataset.system = one.system ?? "";
      marker.at = one.at;
      if (!marker.element.isConnected) this.layer.append(marker.element);
      markers.set(one.id, marker);
    }
  }

  // ------------------------------------------------------------------------------------------------------------------ making

  private makeUnit(id: string, system: string): HTMLButtonElement {
    const card = this.systems.get(system);
    const drawn = icon(card?.platform ?? "land");
    const keys = "arrows move it 1 km, with Shift 10; [ and ] turn it; Delete removes it";
    const button = el("button", { class: "marker unit", type: "button", "data-unit": id, "aria-label": `${card?.name ?? system}, unit ${id}. ${keys}` });
    button.innerHTML = drawn.svg;
    button.style.setProperty("--x", `${-drawn.x}px`);
    button.style.setProperty("--y", `${-drawn.y}px`);
    button.append(el("span", { class: "name" }, card?.name ?? system));
    button.addEventListener("focus", () => this.state.get().selected !== id && this.state.set({ selected: id }));
    button.addEventListener("keydown", (event) => this.unitKey(event, id));
    follow(button, this.viewer, (place) => this.state.changeUnit(id, { at: rounded(place) }), this.drag, () => this.units.get(id)?.at);
    return button;
  }

  private makeAsset(id: string): HTMLButtonElement {
    const label = `Asset ${id}. Arrows move it 1 km, with Shift 10; Delete removes it`;
    const button = el("button", { class: "marker asset", type: "button", "data-asset": id, "aria-label": label }, el("span", { class: "dot" }), el("span", { class: "name" }, id));
    button.addEventListener("keydown", (event) => {
      const at = this.assets.get(id)?.at;
      const step = at && stepOf(event, at);
      if (step) this.state.moveAsset(id, step);
      else if (event.key === "Delete" || event.key === "Backspace") this.state.removeAsset(id);
      else return;
      event.preventDefault();
    });
    follow(button, this.viewer, (place) => this.state.moveAsset(id, place), this.drag, () => this.assets.get(id)?.at);
    return button;
  }

  private unitKey(event: KeyboardEvent, id: string): void {
    const unit = this.state.unit(id);
    if (!unit) return;
    const step = stepOf(event, unit.at);
    if (step) this.state.changeUnit(id, { at: rounded(step) });
    else if (event.key === "[" || event.key === "]") {
      const turned = (unit.heading_deg ?? 0) + (event.key === "]" ? TURN_DEG : -TURN_DEG);
      this.state.changeUnit(id, { heading_deg: (turned + 360) % 360 });
    } else if (event.key === "Delete" || event.key === "Backspace") this.state.removeUnit(id);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  // ----------------------------------------------------------------------------------------------------------------- placing

  private place(): void {
    for (const marker of [...this.units.values(), ...this.assets.values()]) {
      const at = this.viewer.screenOf(...marker.at);
      marker.element.hidden = at === null;
      if (at) marker.element.style.translate = `${at.x}px ${at.y}px`;
    }
    this.placeHandle();
  }

  private turnable(): { at: LatLon; heading: number; set: boolean } | null {
    const { selected } = this.state.get();
    const unit = selected === null ? undefined : this.state.unit(selected);
    if (!unit || (this.systems.get(unit.system)?.sector_deg ?? 360) >= 360) return null;
    return { at: unit.at, heading: unit.heading_deg ?? 0, set: unit.heading_deg != null };
  }

  private placeHandle(): void {
    const unit = this.turnable();
    const at = unit && this.viewer.screenOf(...unit.at);
    const toward = unit && this.viewer.screenOf(...away(unit.at, unit.heading, 5));
    this.handle.hidden = !at || !toward;
    if (!unit || !at || !toward) return;
    const length = Math.hypot(toward.x - at.x, toward.y - at.y) || 1;
    const [x, y] = [at.x + (HANDLE_PX * (toward.x - at.x)) / length, at.y + (HANDLE_PX * (toward.y - at.y)) / length];
    this.handle.style.translate = `${x}px ${y}px`;
    this.handle.classList.toggle("unset", !unit.set);
  }

  private turnTowards(place: LatLon): void {
    const { selected } = this.state.get();
    const unit = selected === null ? undefined : this.state.unit(selected);
    if (unit) this.state.changeUnit(unit.id, { heading_deg: Math.round(bearing(unit.at, place)) % 360 });
  }
}

function stepOf(event: KeyboardEvent, at: LatLon): LatLon | null {
  const way = { ArrowUp: [1, 0], ArrowDown: [-1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
  if (!way) return null;
  const degrees = (event.shiftKey ? 10 : 1) / KM_A_DEGREE;
  const across = degrees / Math.max(Math.cos((at[0] * Math.PI) / 180), 0.05);
  return [Math.min(Math.max(at[0] + way[0]! * degrees, -89), 89), wrapped(at[1] + way[1]! * across)];
}

/** Makes an element draggable over the globe, by mouse, pen or touch. */
function follow(element: HTMLElement, viewer: Viewer, move: (place: LatLon) => void, drag: (dragging: boolean) => void, from?: () => LatLon | undefined): void {
  let grip: { x: number; y: number; moved: boolean } | null = null;
  element.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    const start = from?.();
    const at = start && viewer.screenOf(...start);
    const box = viewer.canvas.getBoundingClientRect();
    grip = { x: at ? event.clientX - box.x - at.x : 0, y: at ? event.clientY - box.y - at.y : 0, moved: false };
    element.setPointerCapture(event.pointerId);
    event.stopPropagation();
  });
  element.addEventListener("pointermove", (event) => {
    if (!grip) return;
    if (!grip.moved) drag(true);
    grip.moved = true;
    const box = viewer.canvas.getBoundingClientRect();
    const place = viewer.placeOf(event.clientX - box.x - grip.x, event.clientY - box.y - grip.y);
    if (place) move([place.lat, place.lon]);
  });
  const end = (): void => {
    if (grip?.moved) drag(false);
    grip = null;
  };
  element.addEventListener("pointerup", end);
  element.addEventListener("pointercancel", end);
}
