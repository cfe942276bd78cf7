// The values under the pointer as text, updated when the pointer moves and when the map changes.
import { fresh, type Asking } from "./asking";
import { el } from "./dom";
import { read, type Reading } from "./raster";
import type { State } from "./state";
import type { Point, Viewer } from "./viewer";
import { place } from "./words";

export class Readout {
  readonly element = el("p", { id: "readout", "aria-live": "off" });
  private pointer: Point | null = null;

  constructor(
    private viewer: Viewer,
    private state: State,
    private asking: Asking,
  ) {
    asking.on("The words under the pointer", () => this.say());
    state.on((now, before) => now.play !== before.play && this.say());
    viewer.scene.camera.moveEnd.addEventListener(() => this.say());
  }

  pointAt(pointer: Point): void {
    this.pointer = pointer;
    this.say();
  }

  private say(): void {
    const at = this.pointer && this.viewer.placeOf(this.pointer.x, this.pointer.y);
    if (!at || this.state.get().play) return this.element.replaceChildren();
    const { shown } = this.asking;
    const said = shown.seen && fresh(shown) ? ` ${inWords(read(shown.seen.raster, at.lat, at.lon))}` : "";
    this.element.replaceChildren(el("span", { class: "at" }, place(at.lat, at.lon)), said);
  }
}

function inWords(reading: Reading | null): string {
  if (!reading) return "no unit reaches here";
  if (reading.underground) return "the ground is higher than this here";
  const yes = (is: boolean, word: string): string => `${is ? "✓" : "✗"} ${word}`;
  const floor = reading.floor === null ? "never seen" : `seen from ${reading.floor} m up`;
  const shots = reading.opportunities === 8 ? "8 or more shots" : `${reading.opportunities} shot${reading.opportunities === 1 ? "" : "s"}`;
  return [yes(reading.tracked, "detected"), yes(reading.engageable, "engageable"), yes(reading.closed, "closed"), shots, floor].join("  ·  ");
}
