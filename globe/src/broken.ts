// Errors while the page is painted: shown to the reader. The failure of one part stops neither the others nor later updates.

type Listener = (told: string) => void;
const listeners: Listener[] = [];

export function onBroken(listener: Listener): void {
  listeners.push(listener);
}

/** Paints a part; returns whether it succeeded. */
export function attempt(what: string, paint: () => void): boolean {
  try {
    paint();
    return true;
  } catch (error) {
    console.error(error);
    const why = error instanceof Error ? error.message : String(error);
    for (const listener of listeners) listener(`${what} could not be painted (${why}).`);
    return false;
  }
}
