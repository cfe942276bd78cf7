// Requests to the server: at most one quick answer in flight, then the newest request, without a queue; the full answer when input pauses,
// and over coarse terrain, when it has paused for longer, the full answer over statistical relief.
import { api, Gone, onGone, Refused } from "./api";
import { attempt } from "./broken";
import { begin, done } from "./busy";
import { unpack, type Raster } from "./raster";
import type { Fault, QuickAnswer, MapRequest, SkyAnswer } from "./types";

const QUIET_MS = 120;
const STILL_MS = 2_500;
const UNREADABLE: Fault = { what: "The answer that came cannot be read", where: "", fix: "Reload the page; the server may be of another version." };

/** The quick answer to a request, or what the full one replaced it by: the same map on more headings. */
export interface Seen {
  look: MapRequest;
  quick: QuickAnswer;
  raster: Raster;
}

export interface Shown {
  /** The current request of the page. */
  look: MapRequest;
  /** The newest quick answer: to `look`, or to an earlier request while that to `look` is pending. Removed if none will come for `look`. */
  seen: Seen | null;
  /** The full answer to `look`. */
  answer: SkyAnswer | null;
  /** The same with statistical relief in its ranges, where the terrain is coarse: it takes longer. */
  overRelief: SkyAnswer | null;
  faults: Fault[];
}

/** Whether the quick answer shown is that to the current request. */
export const fresh = ({ seen, look }: Shown): boolean => seen?.look === look;

type Listener = (shown: Shown) => void;

export class Asking {
  shown: Shown;
  private listeners: [string, Listener][] = [];
  /** Full answers wait while something is dragged. */
  private held = false;
  private asked: MapRequest | null = null;
  private inFlight = false;
  private stop: AbortController | null = null;
  private timer = 0;

  constructor(look: MapRequest) {
    this.shown = { look, seen: null, answer: null, overRelief: null, faults: [] };
    onGone((gone) => {
      if (!gone) this.want(this.shown.look);
    });
  }

  /** Registers a listener to answers, by the name of the part that is painted from them. */
  on(what: string, listener: Listener): void {
    this.listeners.push([what, listener]);
  }

  want(look: MapRequest): void {
    this.stop?.abort();
    clearTimeout(this.timer);
    if (!look.units.length) {
      done("sky asked");
      return this.change({ look, seen: null, answer: null, overRelief: null, faults: [] });
    }
    begin("sky asked");
    this.change({ look, answer: null, overRelief: null });
    void this.next();
  }

  hold(held: boolean): void {
    this.held = held;
    if (!held && fresh(this.shown) && !this.shown.answer) this.whenQuiet();
  }

  private change(change: Partial<Shown>): void {
    this.shown = { ...this.shown, ...change };
    for (const [what, listener] of this.listeners) attempt(what, () => listener(this.shown));
  }

  private async next(): Promise<void> {
    if (this.inFlight || !this.shown.look.units.length) return;
    this.inFlight = true;
    const look = this.shown.look;
    this.asked = look;
    try {
      const quick = await api.quick(look);
      const raster = await unpack(quick.raster);
      if (this.shown.look.units.length) this.change({ seen: { look, quick, raster }, faults: [] });
    } catch (error) {
      this.failed(error, look);
    } finally {
      this.inFlight = false;
    }
    if (this.asked !== this.shown.look) void this.next();
    else if (fresh(this.shown)) this.whenQuiet();
  }

  private whenQuiet(): void {
    clearTimeout(this.timer);
    if (this.held) return;
    this.timer = setTimeout(() => void this.fully(this.shown.look), QUIET_MS) as unknown as number;
  }

  private async fully(look: MapRequest): Promise<void> {
    this.stop = new AbortController();
    try {
      const { map: quick, answer } = await api.answer(look, this.stop.signal);
      const raster = await unpack(quick.raster);
      if (look !== this.shown.look) return;
      this.change({ seen: { look, quick, raster }, answer });
      done("sky asked");
      if (quick.terrain.upper_bound) this.timer = setTimeout(() => void this.hills(look), STILL_MS) as unknown as number;
    } catch (error) {
      this.failed(error, look);
    }
  }

  /** If it cannot be had, the answer over the terrain as it is stays, labelled an upper bound. */
  private async hills(look: MapRequest): Promise<void> {
    if (this.held) return;
    this.stop = new AbortController();
    try {
      const overRelief = await api.overRelief(look, this.stop.signal);
      if (look === this.shown.look && overRelief.relief) this.change({ overRelief });
    } catch (error) {
      if (!(error instanceof DOMException || error instanceof Gone || error instanceof Refused)) console.error(error);
    }
  }

  /** There will be no answer to the request: removes that to an earlier one, which would be mistaken for it. */
  private failed(error: unknown, look: MapRequest): void {
    if (look !== this.shown.look || (error instanceof DOMException && error.name === "AbortError")) return;
    done("sky asked");
    const expected = error instanceof Gone || error instanceof Refused;
    if (!expected) console.error(error);
    const faults = error instanceof Refused ? error.faults : error instanceof Gone ? [] : [UNREADABLE];
    this.change({ seen: null, answer: null, overRelief: null, faults });
  }
}
