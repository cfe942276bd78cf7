// All the parts, and what flows between them: the state down, the server's answers back.
import { ScreenSpaceEventHandler, ScreenSpaceEventType, type Cartesian2 } from "@cesium/engine";
import { api, onGone, Refused } from "./api";
import { Asking, type Shown } from "./asking";
import { begin, done } from "./busy";
import { el } from "./dom";
import { fromHash, toHash } from "./hash";
import { Markers } from "./markers";
import { Overlay } from "./overlay";
import { Notes } from "./panels/notes";
import { LegendBox, layersPanel } from "./panels/layers";
import { NumberPanel } from "./panels/number";
import type { Protection } from "./panels/protection";
import { areaPanel, heightDial, targetPanel } from "./panels/target";
import { UnitsPanel } from "./panels/units";
import { extras } from "./extras";
import { read } from "./plate";
import { drawNames, drawUnits, readingText } from "./scene";
import { Sky } from "./sky";
import { State, type Theme, type View } from "./state";
import type { About, Lines, Look, SystemCard } from "./types";
import { Viewer } from "./viewer";
import { place } from "./words";

const START_CAMERA = { at: [33.2, 44] as [number, number], km: 1600, heading: 0, pitch: -90 };
const HASH_MS = 250;

export class App {
  readonly state: State;
  readonly viewer: Viewer;
  readonly overlay: Overlay;
  readonly sky: Sky;
  readonly asking: Asking;
  readonly systems: Map<string, SystemCard>;
  readonly notes = new Notes();
  readonly number = new NumberPanel();
  readonly legend = new LegendBox();
  readonly units: UnitsPanel;
  readonly firstVisit: boolean;
  private readout = el("p", { id: "readout", "aria-live": "off" });
  private protection: Protection | null = null;
  private hashTimer = 0;
  private examplesAsked = 0;

  constructor(
    root: HTMLElement,
    readonly about: About,
    lines: Lines,
  ) {
    const start: View = { look: about.start, layer: "closed", circles: true, camera: START_CAMERA, theme: null, selected: null, play: null };
    this.firstVisit = location.hash.length < 2;
    this.state = new State(this.viewOf(location.hash, start));
    this.systems = new Map(about.systems.map((system) => [system.id, system]));
    const globe = el("div", { id: "globe" });
    const view = el("main", { id: "view", "aria-label": "The globe" }, globe);
    const side = el("aside", { id: "side", "aria-label": "What is asked and what is found" });
    root.append(view, side);
    this.viewer = new Viewer(globe, lines);
    this.overlay = new Overlay(this.viewer, view);
    this.sky = new Sky(this.viewer);
    const markers = el("div", { id: "markers" });
    view.append(markers, this.readout, el("div", { class: "corner" }, this.legend.element, this.number.terrainLabel), this.credits(), this.notes.banner);
    new Markers(this.viewer, markers, this.state, this.systems, (held) => this.asking.hold(held));
    this.asking = new Asking(this.state.get().look, (shown) => this.shown(shown));
    this.units = new UnitsPanel(this.state, this.viewer, about);
    this.furnish(view, side, start);
  }

  private furnish(view: HTMLElement, side: HTMLElement, start: View): void {
    const hold = (held: boolean): void => this.asking.hold(held);
    const more = extras(this, start);
    this.protection = more.protection;
    view.append(...more.overMap);
    side.append(
      el("header", {}, el("h1", {}, "closedsky"), more.tools),
      el("div", { class: "head" }, this.number.element, heightDial(this.state, hold), layersPanel(this.state)),
      this.notes.faults,
      el("div", { class: "rest" }, more.front, more.claims, areaPanel(this.state, this.about, (iso3) => this.flyTo(iso3)), this.units.element, targetPanel(this.state, this.about, hold), ...more.panels, this.notes.element),
    );
  }

  /** From now on the page lives. */
  begin(): void {
    this.viewer.setCamera(this.state.get().camera);
    drawNames(this.overlay, this.viewer, this.about, this.state);
    this.themes();
    this.state.on((now, before) => this.changed(now, before));
    this.asking.want(this.state.get().look);
    this.listen();
    Object.assign(window, {
      closedsky: {
        look: () => this.state.get().look,
        glance: () => (this.asking.shown.fresh ? this.asking.shown.glance : null),
        answer: () => (this.asking.shown.answered ? this.asking.shown.answer : null),
        screenOf: (lat: number, lon: number) => this.onPage(this.viewer.screenOf(lat, lon)),
        placeOf: (x: number, y: number) => this.viewer.placeOf(x - this.box().x, y - this.box().y),
      },
    });
  }

  private changed(now: View, before: View): void {
    if (now.look !== before.look) this.asking.want(now.look);
    if (now.theme !== before.theme) this.applyTheme();
    if (now.layer !== before.layer) this.paintSky();
    if (now.play !== before.play) {
      this.sky.hide(now.play !== null);
      this.protection?.repaint();
    }
    this.legend.element.hidden = now.play !== null;
    this.legend.show(now.layer, this.theme(), now.look.opportunities, now.circles);
    drawUnits(this.overlay, this.viewer, this.state, this.systems);
    this.keepHash();
  }

  private shown(shown: Shown): void {
    const before = this.sky.sheet;
    if (shown.sheet !== before) this.paintSky(shown);
    this.sky.fade(shown.faults.length > 0);
    this.number.show(shown);
    this.notes.show(shown);
    this.protection?.show(shown);
  }

  private paintSky(shown = this.asking.shown): void {
    this.sky.show(shown.sheet, this.state.get().layer, this.viewer.palette);
  }

  // ------------------------------------------------------------------------------------------------------------------ theme

  theme(): Theme {
    return this.state.get().theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  }

  private themes(): void {
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.applyTheme());
    this.applyTheme();
  }

  private applyTheme(): void {
    document.documentElement.dataset.theme = this.theme();
    this.viewer.setTheme(this.theme());
    this.paintSky();
    this.protection?.repaint();
    this.legend.show(this.state.get().layer, this.theme(), this.state.get().look.opportunities, this.state.get().circles);
    drawUnits(this.overlay, this.viewer, this.state, this.systems);
  }

  // ---------------------------------------------------------------------------------------------------------------- address

  private viewOf(hash: string, start: View): View {
    if (hash.length < 2) return start;
    try {
      return fromHash(hash, start);
    } catch (error) {
      this.notes.say(`The link cannot be read: ${(error as Error).message}. This is the view to start from.`);
      return start;
    }
  }

  /** Somebody wrote another address over this one. */
  private typed(): void {
    const view = this.viewOf(location.hash, this.state.get());
    if (view.camera !== this.state.get().camera) this.viewer.setCamera(view.camera);
    this.state.set(view);
  }

  private keepHash(): void {
    clearTimeout(this.hashTimer);
    this.hashTimer = setTimeout(() => history.replaceState(null, "", `#${toHash({ ...this.state.get(), camera: this.viewer.cameraNow() })}`), HASH_MS) as unknown as number;
  }

  // --------------------------------------------------------------------------------------------------------- mouse and keys

  private listen(): void {
    const { scene } = this.viewer;
    this.viewer.scene.camera.moveEnd.addEventListener(() => this.keepHash());
    const handler = new ScreenSpaceEventHandler(scene.canvas);
    handler.setInputAction((event: { endPosition: Cartesian2 }) => this.readAt(event.endPosition.x, event.endPosition.y), ScreenSpaceEventType.MOUSE_MOVE);
    handler.setInputAction((event: { position: Cartesian2 }) => this.clicked(event.position.x, event.position.y), ScreenSpaceEventType.LEFT_CLICK);
    addEventListener("hashchange", () => this.typed());
    addEventListener("keydown", (event) => this.key(event));
    onGone((gone) => this.notes.gone(gone));
  }

  private clicked(x: number, y: number): void {
    const at = this.viewer.placeOf(x, y);
    if (at && !this.units.click(at.lat, at.lon)) this.readAt(x, y);
  }

  private readAt(x: number, y: number): void {
    const at = this.viewer.placeOf(x, y);
    if (!at || this.state.get().play) {
      this.readout.textContent = "";
      return;
    }
    const said = this.sky.sheet && readingText(this.asking.shown, read(this.sky.sheet, at.lat, at.lon));
    this.readout.replaceChildren(el("span", { class: "at" }, place(at.lat, at.lon)), said ? ` ${said}` : "");
  }

  private key(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    if (event.key === "Escape" && this.state.get().play) return this.state.set({ play: null });
    if (/^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName) || event.ctrlKey || event.metaKey || event.altKey) return;
    const level = this.state.get().look.level_m;
    if (event.key === "+" || event.key === "=") this.state.look({ level_m: Math.min(Number((level * 1.25).toPrecision(2)), 30_000) });
    else if (event.key === "-") this.state.look({ level_m: Math.max(Number((level / 1.25).toPrecision(2)), 10) });
    else if (target === this.viewer.canvas) this.steer(event);
  }

  private steer(event: KeyboardEvent): void {
    const pans: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    const pan = pans[event.key];
    if (pan) this.viewer.pan(...pan);
    else if (event.key === "PageUp") this.viewer.zoom(1 / 1.4);
    else if (event.key === "PageDown") this.viewer.zoom(1.4);
    else return;
    event.preventDefault();
  }

  private box(): DOMRect {
    return this.viewer.canvas.getBoundingClientRect();
  }

  private onPage(at: { x: number; y: number } | null): { x: number; y: number } | null {
    return at && { x: at.x + this.box().x, y: at.y + this.box().y };
  }

  /** Puts what a shipped scenario asks about on the globe. */
  async showExample(example: string, variant: string | null): Promise<void> {
    begin("example");
    const asked = ++this.examplesAsked;
    try {
      const look = await api.lookOf(example, variant);
      if (asked !== this.examplesAsked) return; // another was picked meanwhile
      this.state.set({ look, selected: null, play: null });
      if (look.country) this.flyTo(look.country);
      else this.flyToUnits(look);
    } catch (error) {
      this.notes.say(error instanceof Refused ? error.message : "The server did not answer.");
    } finally {
      if (asked === this.examplesAsked) done("example");
    }
  }

  private flyToUnits(look: Look): void {
    const places = [...look.units.map((unit) => unit.at), ...(look.outline ?? [])];
    if (!places.length) return;
    const [lats, lons] = [places.map((at) => at[0]), places.map((at) => at[1])];
    this.viewer.fly(Math.min(...lons) - 1, Math.min(...lats) - 1, Math.max(...lons) + 1, Math.max(...lats) + 1);
  }

  flyTo(iso3: string): void {
    const country = this.about.countries.find((one) => one.iso3 === iso3);
    if (country) this.viewer.fly(country.west, country.south, country.east, country.north);
  }

  private credits(): HTMLElement {
    return el("p", { id: "credits", title: this.about.credits.join("\n") }, "Natural Earth; NOAA ETOPO5 · ", el("a", { href: "licences.txt" }, "CesiumJS, milsymbol"));
  }
}
