// The interface of panels to the page. A panel knows neither the page nor other panels; each names the parts of this interface it uses.
import type { Asking } from "./asking";
import type { Overlay } from "./overlay";
import type { State } from "./state";
import type { Themes } from "./themes";
import type { About, SystemSummary } from "./types";
import type { Viewer } from "./viewer";

export interface Ports {
  /** Systems, threats, countries, scenarios, claims and terrains to choose from. */
  about: About;
  systems: ReadonlyMap<string, SystemSummary>;
  /** The view: to read, change and listen to. */
  state: State;
  /** The answers to it. */
  answers: Pick<Asking, "on" | "shown" | "hold">;
  /** The camera. */
  camera: Pick<Viewer, "cameraNow" | "setCamera" | "middle" | "fly">;
  /** Lines over the globe. */
  lines: Pick<Overlay, "set" | "paint">;
  themes: Pick<Themes, "now" | "palette" | "on">;
  /** Shows one plain sentence to the reader. */
  say: (text: string) => void;
}
