// Pending work: the page is ready when there is none.

const pending = new Set<string>(["start"]);

function tell(): void {
  document.documentElement.dataset.ready = String(pending.size === 0);
}

export function begin(what: string): void {
  pending.add(what);
  tell();
}

export function done(what: string): void {
  pending.delete(what);
  tell();
}

export const waiting = (what: string): boolean => pending.has(what);
