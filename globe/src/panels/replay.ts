// A raid that plays: one trial as the engine recorded it, with a clock that can be stopped, sped up and set.
import { api, Refused } from "../api";
import { begin, done } from "../busy";
import { el } from "../dom";
import { boxOf } from "../geodesy";
import type { Ports } from "../ports";
import { painter } from "../replay-paint";
import type { LatLon, Replay } from "../types";
import { clock } from "../words";

const FIRST = { example: "al-asad-erbil-2020", variant: "s-400" };
const RATES = [1, 5, 20, 60];
const LINES = 4;
/** How far below the middle of what happens the camera looks, that the player does not hide it. */
const LOWER = 0.5;

export class ReplayPlayer {
  readonly bar: HTMLElement;
  private replay: Replay | null = null;
  private time = 0;
  private running = false;
  private rate = 20;
  private last = 0;
  /** Begins, and then pauses and goes on. */
  readonly start = el("button", { id: "play", type: "button", class: "chip" }, "▶ Play a raid");
  private choose: HTMLSelectElement;
  private toggle = el("button", { id: "pause", type: "button", class: "icon", onclick: () => this.run(!this.running) });
  private scrub = el("input", { id: "scrub", type: "range", min: 0, step: "any", "aria-label": "Moment of the raid" });
  private clock = el("output", { class: "clock" });
  /** Whose story is told: one threat's with the reasons, or, with no name, what happens in the whole raid. */
  private threat = el("select", { id: "threat", "aria-label": "Whose story", onchange: () => this.set(this.time) });
  private story = el("ol", { class: "story", "aria-live": "off" });
  private head = el("p", { class: "replay-title" });

  constructor(
    private page: Pick<Ports, "about" | "state" | "camera" | "lines" | "themes" | "say">,
    private ground: (label: string | null) => void,
  ) {
    this.choose = this.makeChoice();
    this.start.addEventListener("click", () => (page.state.get().play ? this.run(!this.running) : this.pick()));
    this.bar = this.makeBar();
    page.state.on((now, before) => {
      if (now.play !== before.play || (now === before && now.play)) void this.load();
    });
    page.themes.on(() => this.draw());
  }

  private makeChoice(): HTMLSelectElement {
    const raids = this.page.about.examples.filter((one) => one.has_raid);
    const groups = raids.map((raid) => el("optgroup", { label: raid.title }, ...raid.variants.map((variant) => el("option", { value: `${raid.name}:${variant}` }, variant))));
    const select = el("select", { id: "raid", "aria-label": "Raid and variant", onchange: () => this.pick() }, ...groups);
    const { play } = this.page.state.get();
    select.value = play ? `${play.example}:${play.variant}` : `${FIRST.example}:${FIRST.variant}`;
    return select;
  }

  private pick(): void {
    const [example, variant] = this.choose.value.split(":");
    this.page.state.set({ play: { example: example!, variant: variant ?? null }, selected: null });
  }

  private makeBar(): HTMLElement {
    const rate = el("select", { id: "rate", "aria-label": "Speed of the clock", onchange: () => (this.rate = Number(rate.value)) }, ...RATES.map((times) => el("option", { value: times }, `${times}×`)));
    rate.value = String(this.rate);
    this.scrub.addEventListener("input", () => this.set(this.scrub.valueAsNumber));
    const close = el("button", { type: "button", id: "stop", class: "icon", "aria-label": "Close the raid", title: "Close", onclick: () => this.page.state.set({ play: null }) }, "×");
    return el("section", { id: "player", hidden: true, "aria-label": "Raid player" }, el("div", { class: "player-head" }, this.head, this.choose, close), this.story, el("div", { class: "player-row" }, this.toggle, this.scrub, this.clock, this.threat, rate));
  }

  private async load(): Promise<void> {
    const { play } = this.page.state.get();
    this.run(false);
    this.replay = null;
    this.ground(play && "");
    this.bar.hidden = play === null;
    this.start.textContent = "▶ Play a raid";
    if (!play) return this.draw();
    begin("replay");
    this.head.textContent = "Working the raid out; the first time that may take a minute …";
    this.scrub.disabled = this.toggle.disabled = true;
    this.scrub.value = this.scrub.min;
    this.choose.value = `${play.example}:${play.variant ?? this.page.about.examples.find((one) => one.name === play.example)?.variants[0]}`;
    try {
      const replay = await api.replay(play.example, play.variant);
      if (this.page.state.get().play === play) this.put(replay);
    } catch (error) {
      if (this.page.state.get().play !== play) return; // another was picked meanwhile
      this.page.state.set({ play: null });
      this.page.say(error instanceof Refused ? error.message : "The raid did not come: the server does not answer.");
    } finally {
      done("replay");
    }
  }

  private put(replay: Replay): void {
    this.replay = replay;
    this.scrub.disabled = this.toggle.disabled = false;
    this.head.replaceChildren(replay.title, el("span", { class: "small" }, ` ${replay.variant}, trial ${replay.trial}, seed ${replay.seed}. Terrain: ${replay.terrain_label}.`));
    this.head.title = [replay.summary, ...replay.shows_not].join("\n");
    this.ground(replay.terrain_label);
    this.scrub.min = String(replay.start_s);
    this.scrub.max = String(replay.start_s + replay.duration_s);
    this.rate = RATES.find((times) => replay.duration_s / times < 60) ?? RATES.at(-1)!;
    this.bar.querySelector<HTMLSelectElement>("#rate")!.value = String(this.rate);
    this.threat.replaceChildren(el("option", { value: "" }, "all threats"), ...replay.tracks.map(({ threat }) => el("option", { value: threat }, threat)));
    this.frame(replay);
    this.set(replay.start_s);
    this.run(true);
  }

  /** All of it in sight, somewhat from the side. */
  private frame(replay: Replay): void {
    const places = [...replay.assets, ...replay.units].map(({ at }): LatLon => [at[0], at[1]]);
    for (const track of replay.tracks) for (let k = 0; k < track.positions.length; k += 3) places.push([track.positions[k]!, track.positions[k + 1]!]);
    const { west, south, east, north } = boxOf(places);
    const wide = (east - west) * Math.cos((((north + south) / 2) * Math.PI) / 180);
    const span = Math.max(north - south, wide, 0.4);
    this.page.camera.setCamera({ at: [(south + north) / 2 - LOWER * (north - south), (west + east) / 2], km: span * 111 * 1.75, heading: 0, pitch: -52 });
  }

  // ------------------------------------------------------------------------------------------------------------------- clock

  private run(running: boolean): void {
    if (running && this.replay && this.time >= this.replay.start_s + this.replay.duration_s) this.set(this.replay.start_s);
    const before = this.running;
    this.running = running && this.replay !== null;
    if (this.running && !before) {
      this.last = performance.now();
      requestAnimationFrame((now) => this.tick(now));
    }
    this.toggle.textContent = this.running ? "❚❚" : "▶";
    this.toggle.setAttribute("aria-label", this.running ? "Pause" : "Play");
    this.start.textContent = this.running ? "❚❚ Pause the raid" : "▶ Play a raid";
  }

  private tick(now: number): void {
    if (!this.running || !this.replay) return;
    const passed = Math.min(Math.max(now - this.last, 0), 250) / 1000;
    this.last = now;
    const end = this.replay.start_s + this.replay.duration_s;
    this.set(Math.min(this.time + passed * this.rate, end));
    if (this.time >= end) this.run(false);
    else requestAnimationFrame((later) => this.tick(later));
  }

  private set(time: number): void {
    this.time = time;
    this.scrub.value = String(time);
    this.clock.textContent = clock(time - (this.replay?.start_s ?? 0));
    this.scrub.setAttribute("aria-valuetext", this.clock.textContent);
    const story = this.replay?.tracks.find(({ threat }) => threat === this.threat.value)?.why ?? this.replay?.events ?? [];
    const told = story.filter((event) => event.time_s <= time).slice(-LINES);
    this.story.replaceChildren(...told.map((event) => el("li", {}, el("span", { class: "when" }, clock(event.time_s - this.replay!.start_s)), ` ${event.text}`)));
    this.draw();
  }

  private draw(): void {
    this.page.lines.paint("replay", this.replay && this.page.state.get().play ? painter(this.replay, this.page.themes.palette, () => this.time) : null);
  }
}
