// What panels may know and do. None knows what puts it on the page, or the other panels; each names what it takes of this.
import type { Asking } from "./asking";
import type { Overlay } from "./overlay";
import type { State } from "./state";
import type { Themes } from "./themes";
import type { About, SystemSummary } from "./types";
import type { Viewer } from "./viewer";

export interface Ports {
  /** What there is to choose from. */
  about: About;
  systems: ReadonlyMap<string, SystemSummary>;
  /** What is looked at: to read, to change, to listen to. */
  state: State;
  /** What came of it. */
  answers: Pick<Asking, "on" | "shown" | "hold">;
  /** From where the globe is looked at. */
  camera: Pick<Viewer, "cameraNow" | "setCamera" | "middle" | "fly">;
  /** Lines over the globe. */
  lines: Pick<Overlay, "set" | "paint">;
  themes: Pick<Themes, "now" | "palette" | "on">;
  /** One plain sentence to the reader. */
  say: (text: string) => void;
}
