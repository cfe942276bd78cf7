// Light or dark theme: that of the system until the reader chooses.
import { PALETTES, type Palette } from "./palette";
import type { State, Theme } from "./state";

export class Themes {
  private listeners: (() => void)[] = [];
  private system = matchMedia("(prefers-color-scheme: dark)");

  constructor(private state: State) {
    this.system.addEventListener("change", () => this.tell());
    state.on((now, before) => {
      if (now.theme !== before.theme) this.tell();
    });
  }

  now(): Theme {
    return this.state.get().theme ?? (this.system.matches ? "dark" : "light");
  }

  get palette(): Palette {
    return PALETTES[this.now()];
  }

  /** Adds a listener and calls it immediately. */
  on(listener: () => void): void {
    this.listeners.push(listener);
    listener();
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}
