// What goes wrong while the page is painted: told to the reader, and survived. One part that fails ends neither the others nor the flow.

type Listener = (told: string) => void;
const listeners: Listener[] = [];

export function onBroken(listener: Listener): void {
  listeners.push(listener);
}

/** Does a part of the painting; whether it went well. */
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
