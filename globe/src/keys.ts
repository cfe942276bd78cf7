// Keyboard control: plus and minus change the height at any focus, arrow and page keys move the camera while the globe has the focus.
import type { State } from "./state";
import type { Viewer } from "./viewer";

const LEAST_M = 10;
const MOST_M = 30_000;
const STEP = 1.25;
const ZOOM = 1.4;

export function listenToKeys(state: State, viewer: Viewer): void {
  addEventListener("keydown", (event) => {
    const target = event.target as HTMLElement;
    if (event.key === "Escape" && state.get().play) return state.set({ play: null });
    if (/^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName) || event.ctrlKey || event.metaKey || event.altKey) return;
    const factor = { "+": STEP, "=": STEP, "-": 1 / STEP }[event.key];
    if (factor) state.look({ level_m: Math.min(Math.max(Number((state.get().look.level_m * factor).toPrecision(2)), LEAST_M), MOST_M) });
    else if (target === viewer.canvas) steer(event, viewer);
  });
}

function steer(event: KeyboardEvent, viewer: Viewer): void {
  const pan = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
  if (pan) viewer.pan(pan[0]!, pan[1]!);
  else if (event.key === "PageUp") viewer.zoom(1 / ZOOM);
  else if (event.key === "PageDown") viewer.zoom(ZOOM);
  else return;
  event.preventDefault();
}
