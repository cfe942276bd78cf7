// Looks to the server, glances back: at most one on its way, the newest next, never a queue. The full answer comes in quiet moments.
import { api, Gone, onGone, Refused } from "./api";
import { begin, done } from "./busy";
import { unpack, type Sheet } from "./plate";
import type { Fault, Glance, Look, SkyAnswer } from "./types";

const QUIET_MS = 120;

export interface Shown {
  /** What the page asks about now. */
  look: Look;
  glance: Glance | null;
  sheet: Sheet | null;
  answer: SkyAnswer | null;
  /** Whether glance and answer are of `look`, or of one before it. */
  fresh: boolean;
  answered: boolean;
  faults: Fault[];
}

export class Asking {
  shown: Shown;
  /** While something is dragged, full answers wait. */
  held = false;
  private asked: Look | null = null;
  private inFlight = false;
  private stop: AbortController | null = null;
  private timer = 0;

  constructor(
    look: Look,
    private tell: (shown: Shown) => void,
  ) {
    this.shown = { look, glance: null, sheet: null, answer: null, fresh: false, answered: false, faults: [] };
    onGone((gone) => {
      if (!gone) this.want(this.shown.look);
    });
  }

  want(look: Look): void {
    this.stop?.abort();
    clearTimeout(this.timer);
    if (!look.units.length) {
      done("sky asked");
      return this.change({ look, glance: null, sheet: null, answer: null, fresh: false, answered: false, faults: [] });
    }
    begin("sky asked");
    this.change({ look, fresh: false, answered: false });
    void this.next();
  }

  hold(held: boolean): void {
    this.held = held;
    if (!held && this.shown.fresh && !this.shown.answered) this.whenQuiet();
  }

  private change(change: Partial<Shown>): void {
    this.shown = { ...this.shown, ...change };
    this.tell(this.shown);
  }

  private async next(): Promise<void> {
    if (this.inFlight || !this.shown.look.units.length) return;
    this.inFlight = true;
    const look = this.shown.look;
    this.asked = look;
    try {
      const glance = await api.glance(look);
      const sheet = await unpack(glance.plate);
      if (this.shown.look.units.length) this.change({ glance, sheet, fresh: look === this.shown.look, faults: [] });
    } catch (error) {
      this.failed(error, look);
    } finally {
      this.inFlight = false;
    }
    if (this.asked !== this.shown.look) void this.next();
    else if (this.shown.fresh) this.whenQuiet();
  }

  private whenQuiet(): void {
    clearTimeout(this.timer);
    if (this.held) return;
    this.timer = setTimeout(() => void this.fully(this.shown.look), QUIET_MS) as unknown as number;
  }

  private async fully(look: Look): Promise<void> {
    this.stop = new AbortController();
    try {
      const answer = await api.answer(look, this.stop.signal);
      if (look !== this.shown.look) return;
      this.change({ answer, answered: true });
      done("sky asked");
    } catch (error) {
      this.failed(error, look);
    }
  }

  private failed(error: unknown, look: Look): void {
    if (look !== this.shown.look || (error instanceof DOMException && error.name === "AbortError")) return;
    done("sky asked");
    if (error instanceof Gone) return;
    if (error instanceof Refused) this.change({ faults: error.faults, fresh: false });
    else throw error;
  }
}
