// The view: the state from which everything on the page follows, and which the address encodes.
import { attempt } from "./broken";
import type { LatLon, MapRequest, UnitAt } from "./types";

export const LAYERS = ["floor", "tracked", "engageable", "opportunities", "closed"] as const;
export type Layer = (typeof LAYERS)[number];
export type Theme = "light" | "dark";

/** The camera: the place it looks at, distance, heading and pitch (-90 is straight down). */
export interface Camera {
  at: LatLon;
  km: number;
  heading: number;
  pitch: number;
}

export interface View {
  look: MapRequest;
  layer: Layer;
  circles: boolean;
  camera: Camera;
  theme: Theme | null;
  selected: string | null;
  play: { example: string; variant: string | null } | null;
}

type Listener = (now: View, before: View) => void;

export class State {
  private listeners: Listener[] = [];

  constructor(private view: View) {}

  get(): View {
    return this.view;
  }

  set(change: Partial<View>): void {
    const before = this.view;
    this.view = { ...before, ...change };
    for (const listener of this.listeners) attempt("A part of the page", () => listener(this.view, before));
  }

  look(change: Partial<MapRequest>): void {
    this.set({ look: { ...this.view.look, ...change } });
  }

  /** Adds a listener and calls it immediately. */
  on(listener: Listener): void {
    this.listeners.push(listener);
    listener(this.view, this.view);
  }

  // ------------------------------------------------------------------------------------------------------------------ units

  unit(id: string): UnitAt | undefined {
    return this.view.look.units.find((unit) => unit.id === id);
  }

  changeUnit(id: string, change: Partial<UnitAt>): void {
    this.look({ units: this.view.look.units.map((unit) => (unit.id === id ? { ...unit, ...change } : unit)) });
  }

  addUnit(system: string, at: LatLon): string {
    const id = unused(system, this.view.look.units);
    const units = [...this.view.look.units, { id, system, at: rounded(at), heading_deg: null }];
    this.set({ look: { ...this.view.look, units }, selected: id });
    return id;
  }

  removeUnit(id: string): void {
    const units = this.view.look.units.filter((unit) => unit.id !== id);
    this.set({ look: { ...this.view.look, units }, selected: this.view.selected === id ? null : this.view.selected });
  }

  // ----------------------------------------------------------------------------------------------------------------- assets

  addAsset(at: LatLon): string {
    const id = unused("asset", this.view.look.assets);
    this.look({ assets: [...this.view.look.assets, { id, at: rounded(at) }] });
    return id;
  }

  moveAsset(id: string, at: LatLon): void {
    this.look({ assets: this.view.look.assets.map((asset) => (asset.id === id ? { ...asset, at: rounded(at) } : asset)) });
  }

  removeAsset(id: string): void {
    this.look({ assets: this.view.look.assets.filter((asset) => asset.id !== id) });
  }
}

/** A place rounded to a ten-thousandth of a degree, about ten metres. */
export const rounded = (at: LatLon): LatLon => [Number(at[0].toFixed(4)), Number(at[1].toFixed(4))];

function unused(stem: string, taken: { id: string }[]): string {
  for (let number = 1; ; number += 1) {
    const id = `${stem}-${number}`;
    if (!taken.some((other) => other.id === id)) return id;
  }
}
