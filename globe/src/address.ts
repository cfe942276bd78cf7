// Keeps the view and the page's address in step.
import { fromHash, toHash } from "./hash";
import type { Camera, State, View } from "./state";

const SETTLE_MS = 250;

/** The view in an address; `start` where it has none or one that cannot be read, the latter with the reason. */
export function viewOf(hash: string, start: View): { view: View; wrong: string | null } {
  if (hash.length < 2) return { view: start, wrong: null };
  try {
    return { view: fromHash(hash, start), wrong: null };
  } catch (error) {
    return { view: start, wrong: (error as Error).message };
  }
}

export class Address {
  private timer = 0;

  constructor(
    private state: State,
    private start: View,
    private camera: { cameraNow(): Camera; setCamera(to: Camera): void },
    private say: (text: string) => void,
  ) {
    state.on(() => this.keep());
    addEventListener("hashchange", () => this.typed());
  }

  link(): string {
    return `${location.origin}${location.pathname}#${this.hash()}`;
  }

  /** Writes the view to the address after a short delay. */
  keep(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => history.replaceState(null, "", `#${this.hash()}`), SETTLE_MS) as unknown as number;
  }

  private hash(): string {
    return toHash({ ...this.state.get(), camera: this.camera.cameraNow() });
  }

  /** The reader entered another address. */
  private typed(): void {
    const { view, wrong } = viewOf(location.hash, this.start);
    if (wrong) {
      this.say(`The link cannot be read: ${wrong}. The view stays as it was.`);
      return this.keep();
    }
    this.say("");
    this.camera.setCamera(view.camera);
    this.state.set(view);
  }
}
