// Typed client of the server. It distinguishes refusals from lost connections, and tells listeners when the server goes and comes back.
import type { About, Fault, FootprintMapRequest, FootprintMap, FullAnswer, QuickAnswer, Lines, MapRequest, Replay, SkyAnswer, TestEvent } from "./types";

/** A refusal by the server, with its message. */
export class Refused extends Error {
  constructor(readonly faults: Fault[]) {
    super(faults.map((fault) => fault.what).join("; "));
  }
}

/** The server did not answer. */
export class Gone extends Error {}

const RETRY_MS = 1_500;
let gone = false;
const listeners: ((gone: boolean) => void)[] = [];

export function onGone(listener: (gone: boolean) => void): void {
  listeners.push(listener);
}

function noteGone(now: boolean): void {
  if (now === gone) return;
  gone = now;
  for (const listener of listeners) listener(now);
  if (now) void waitForReturn();
}

/** Repeats a request until the server answers. */
async function waitForReturn(): Promise<void> {
  while (gone) {
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    const back = await fetch("api/about", { cache: "no-store" }).catch(() => null);
    if (back?.ok) noteGone(false);
  }
}

async function ask(path: string, init: RequestInit = {}, patience = 4): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(path, init);
  } catch (error) {
    if (init.signal?.aborted) throw error;
    noteGone(true);
    throw new Gone("the server does not answer");
  }
  if ((answer.status === 503 || answer.status === 429) && patience > 0) {
    const seconds = Number(answer.headers.get("Retry-After")) || 1;
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    return ask(path, init, patience - 1);
  }
  if (!answer.ok) throw new Refused(await faultsOf(answer));
  return answer;
}

async function faultsOf(answer: Response): Promise<Fault[]> {
  const told: unknown = await answer.json().catch(() => null);
  if (told && typeof told === "object" && "faults" in told && Array.isArray(told.faults)) return told.faults as Fault[];
  return [{ what: `the server answered ${answer.status}`, where: new URL(answer.url).pathname, fix: "reload the page" }];
}

const get = async <T>(path: string, signal?: AbortSignal): Promise<T> => (await ask(path, { signal })).json() as Promise<T>;

function posted(body: unknown, signal?: AbortSignal): RequestInit {
  return { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), signal };
}

const post = async <T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> =>
  (await ask(path, posted(body, signal))).json() as Promise<T>;

const variantOf = (variant: string | null): string => (variant ? `?variant=${encodeURIComponent(variant)}` : "");

export const api = {
  about: () => get<About>("api/about"),
  lines: () => get<Lines>("api/lines"),
  quick: (look: MapRequest) => post<QuickAnswer>("api/quick", look),
  answer: (look: MapRequest, signal: AbortSignal) => post<FullAnswer>("api/answer", look, signal),
  overRelief: (look: MapRequest, signal: AbortSignal) => post<SkyAnswer>("api/over-relief", look, signal),
  scenario: async (look: MapRequest) => (await ask("api/scenario", posted(look))).text(),
  lookOf: (example: string, variant: string | null) => get<MapRequest>(`api/examples/${encodeURIComponent(example)}/request${variantOf(variant)}`),
  replay: (example: string, variant: string | null) => get<Replay>(`api/examples/${encodeURIComponent(example)}/replay${variantOf(variant)}`),
  footprint: (look: FootprintMapRequest, signal: AbortSignal) => post<FootprintMap>("api/footprint", look, signal),
  tile: async (kind: "relief" | "heights", z: number, x: number, y: number) =>
    (await ask(`api/${kind}/${z}/${x}/${y}`)).arrayBuffer(),
};

/** Follows the test of a claim; the returned function stops following. */
export function testClaim(id: string, hear: (event: TestEvent) => void, lost: () => void): () => void {
  const source = new EventSource(`api/claims/${encodeURIComponent(id)}/test`);
  source.onmessage = (message) => {
    const event = JSON.parse(message.data as string) as TestEvent;
    if (event.assessment || event.refusal) source.close();
    hear(event);
  };
  source.onerror = () => {
    source.close();
    lost();
  };
  return () => source.close();
}
