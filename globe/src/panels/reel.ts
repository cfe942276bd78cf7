// A raid that plays: one trial as the engine recorded it, with a clock that can be stopped, sped up and set.
import { api, Refused } from "../api";
import type { App } from "../app";
import { begin, done } from "../busy";
import { el, fold } from "../dom";
import { painter } from "../reel-paint";
import type { Reel } from "../types";
import { clock } from "../words";

const FIRST = { example: "al-asad-erbil-2020", variant: "s-400" };
const RATES = [1, 5, 20, 60];
const LINES = 5;

export class ReelPlayer {
  readonly element: HTMLElement;
  readonly bar: HTMLElement;
  private reel: Reel | null = null;
  private time = 0;
  private running = false;
  private rate = 20;
  private last = 0;
  private start: HTMLButtonElement;
  private toggle = el("button", { id: "pause", type: "button", class: "icon", onclick: () => this.run(!this.running) });
  private scrub = el("input", { id: "scrub", type: "range", min: 0, step: "any", "aria-label": "Moment of the raid" });
  private clock = el("output", { class: "clock" });
  private story = el("ol", { class: "story", "aria-live": "off" });
  private head = el("p", { class: "reel-title" });

  constructor(private app: App) {
    const raids = app.about.examples.filter((one) => one.has_raid).flatMap((one) => one.variants.map((variant) => ({ example: one.name, variant, title: one.title })));
    const choose = el("select", { id: "raid", "aria-label": "Raid" }, ...raids.map((raid) => el("option", { value: `${raid.example}:${raid.variant}` }, `${raid.title.slice(0, 46)} · ${raid.variant}`)));
    choose.value = `${FIRST.example}:${FIRST.variant}`;
    this.start = el("button", { id: "play", type: "button", class: "primary" }, "▶ Play");
    this.start.addEventListener("click", () => {
      const [example, variant] = choose.value.split(":");
      if (this.reel && app.state.get().play) this.run(!this.running);
      else app.state.set({ play: { example: example!, variant: variant ?? null }, selected: null });
    });
    choose.addEventListener("change", () => app.state.get().play && app.state.set({ play: { example: choose.value.split(":")[0]!, variant: choose.value.split(":")[1] ?? null } }));
    this.element = fold("raid-panel", "A raid, played", app.firstVisit || app.state.get().play !== null, el("p", { class: "small" }, "One trial of a recorded simulation: threats, shots, kills and impacts as they came."), el("div", { class: "row" }, choose, this.start));
    this.bar = this.makeBar();
    app.state.on((now, before) => {
      if (now.play !== before.play || (now === before && now.play)) void this.load();
      else if (now.theme !== before.theme) this.draw();
    });
    requestAnimationFrame((now) => this.tick(now));
  }

  private makeBar(): HTMLElement {
    const rate = el("select", { id: "rate", "aria-label": "Speed of the clock", onchange: () => (this.rate = Number(rate.value)) }, ...RATES.map((times) => el("option", { value: times }, `${times}×`)));
    rate.value = String(this.rate);
    this.scrub.addEventListener("input", () => this.set(this.scrub.valueAsNumber));
    const close = el("button", { type: "button", id: "stop", class: "icon", "aria-label": "Close the raid", title: "Close", onclick: () => this.app.state.set({ play: null }) }, "×");
    return el("section", { id: "player", hidden: true, "aria-label": "Raid player" }, el("div", { class: "player-head" }, this.head, close), this.story, el("div", { class: "player-row" }, this.toggle, this.scrub, this.clock, rate));
  }

  private async load(): Promise<void> {
    const { play } = this.app.state.get();
    this.run(false);
    this.reel = null;
    this.bar.hidden = play === null;
    this.start.textContent = "▶ Play";
    if (!play) return this.draw();
    begin("reel");
    this.head.textContent = "Asking for the raid …";
    try {
      const reel = await api.reel(play.example, play.variant);
      if (this.app.state.get().play === play) this.put(reel);
    } catch (error) {
      this.app.state.set({ play: null });
      if (error instanceof Refused) this.app.notes.say(error.message);
    } finally {
      done("reel");
    }
  }

  private put(reel: Reel): void {
    this.reel = reel;
    this.head.textContent = `${reel.title} · ${reel.variant} · trial ${reel.trial}`;
    this.head.title = [reel.summary, `Terrain: ${reel.terrain_label}`, ...reel.shows_not].join("\n");
    this.scrub.min = String(reel.start_s);
    this.scrub.max = String(reel.start_s + reel.duration_s);
    this.rate = RATES.find((times) => reel.duration_s / times < 60) ?? RATES.at(-1)!;
    this.bar.querySelector<HTMLSelectElement>("#rate")!.value = String(this.rate);
    this.frame(reel);
    this.set(reel.start_s);
    this.run(true);
  }

  /** All of it in sight, somewhat from the side. */
  private frame(reel: Reel): void {
    const places = [...reel.assets.map((one) => one.at), ...reel.units.map((one) => one.at)].map(([lat, lon]): [number, number] => [lat, lon]);
    for (const track of reel.tracks) for (let k = 0; k < track.positions.length; k += 3) places.push([track.positions[k]!, track.positions[k + 1]!]);
    const [south, north] = [Math.min(...places.map((at) => at[0])), Math.max(...places.map((at) => at[0]))];
    const [west, east] = [Math.min(...places.map((at) => at[1])), Math.max(...places.map((at) => at[1]))];
    const wide = (east - west) * Math.cos((((north + south) / 2) * Math.PI) / 180);
    this.app.viewer.setCamera({ at: [(south + north) / 2, (west + east) / 2], km: Math.max(north - south, wide, 0.4) * 111 * 1.7, heading: 0, pitch: -48 });
  }

  // ------------------------------------------------------------------------------------------------------------------- clock

  private run(running: boolean): void {
    if (running && this.reel && this.time >= this.reel.start_s + this.reel.duration_s) this.set(this.reel.start_s);
    this.running = running && this.reel !== null;
    this.toggle.textContent = this.running ? "❚❚" : "▶";
    this.toggle.setAttribute("aria-label", this.running ? "Pause" : "Play");
    this.start.textContent = this.running ? "❚❚ Pause" : "▶ Play";
  }

  private tick(now: number): void {
    const passed = Math.min(now - this.last, 250) / 1000;
    this.last = now;
    if (this.running && this.reel) {
      const end = this.reel.start_s + this.reel.duration_s;
      this.set(Math.min(this.time + passed * this.rate, end));
      if (this.time >= end) this.run(false);
    }
    requestAnimationFrame((later) => this.tick(later));
  }

  private set(time: number): void {
    this.time = time;
    this.scrub.value = String(time);
    this.clock.textContent = clock(time - (this.reel?.start_s ?? 0));
    this.scrub.setAttribute("aria-valuetext", this.clock.textContent);
    const told = (this.reel?.events ?? []).filter((event) => event.time_s <= time).slice(-LINES);
    this.story.replaceChildren(...told.map((event) => el("li", {}, el("span", { class: "when" }, clock(event.time_s - this.reel!.start_s)), ` ${event.text}`)));
    this.draw();
  }

  private draw(): void {
    this.app.overlay.paint("reel", this.reel && this.app.state.get().play ? painter(this.reel, this.app.viewer.palette, () => this.time) : null);
  }
}
