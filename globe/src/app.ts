// Assembles the parts of the page: state flows down to them, answers of the server flow back.
import { ScreenSpaceEventHandler, ScreenSpaceEventType, type Cartesian2 } from "@cesium/engine";
import { Address, viewOf } from "./address";
import { onGone } from "./api";
import { Asking, fresh, type Shown } from "./asking";
import { onBroken } from "./broken";
import { el } from "./dom";
import { listenToKeys } from "./keys";
import { Markers } from "./markers";
import { Overlay } from "./overlay";
import { claimsPanel } from "./panels/claims";
import { layersPanel, LegendBox } from "./panels/layers";
import { Notes } from "./panels/notes";
import { NumberPanel } from "./panels/number";
import { Protection } from "./panels/protection";
import { ReplayPlayer } from "./panels/replay";
import { areaPanel, heightDial, targetPanel } from "./panels/target";
import { TerrainLabel } from "./panels/terrain";
import { toolBar } from "./panels/tools";
import { Tour } from "./panels/tour";
import { UnitsPanel } from "./panels/units";
import { picture } from "./picture";
import type { Ports } from "./ports";
import { Readout } from "./readout";
import { drawNames, drawUnits } from "./scene";
import { Sky } from "./sky";
import { State, type View } from "./state";
import { Themes } from "./themes";
import { Travel } from "./travel";
import type { About, Lines } from "./types";
import { Viewer } from "./viewer";

const START_CAMERA = { at: [33.2, 44] as [number, number], km: 1600, heading: 0, pitch: -90 };

export class App {
  private state: State;
  private themes: Themes;
  private viewer: Viewer;
  private overlay: Overlay;
  private sky: Sky;
  private asking: Asking;
  private address: Address;
  private notes = new Notes();
  private number = new NumberPanel();
  private legend = new LegendBox();
  private terrain = new TerrainLabel();
  private ports: Ports;
  private start: View;

  constructor(root: HTMLElement, about: About, lines: Lines) {
    this.start = { look: about.start, layer: "closed", circles: true, camera: START_CAMERA, theme: null, selected: null, play: null };
    const { view, wrong } = viewOf(location.hash, this.start);
    const firstVisit = location.hash.length < 2;
    const say = (text: string): void => this.notes.say(text);
    onBroken(say);
    onGone((gone) => this.notes.gone(gone));
    if (wrong) say(`The link cannot be read: ${wrong}. This is the view to start from.`);
    const globe = el("div", { id: "globe" });
    const map = el("main", { id: "view", "aria-label": "The globe" }, globe);
    const side = el("aside", { id: "side", "aria-label": "What is asked and what is found" });
    root.append(map, side);
    this.state = new State(view);
    this.themes = new Themes(this.state);
    this.viewer = new Viewer(globe, lines);
    this.viewer.setCamera(view.camera);
    this.overlay = new Overlay(this.viewer, map);
    this.sky = new Sky(this.viewer);
    this.asking = new Asking(view.look);
    this.address = new Address(this.state, this.start, this.viewer, say);
    const systems = new Map(about.systems.map((system) => [system.id, system]));
    this.ports = { about, systems, state: this.state, answers: this.asking, camera: this.viewer, lines: this.overlay, themes: this.themes, say };
    this.follow();
    this.furnish(map, side, firstVisit);
    this.asking.want(view.look);
    this.inspect();
  }

  // --------------------------------------------------------------------------------------------------------------- connections

  private follow(): void {
    const { asking, state, sky, themes, viewer, overlay } = this;
    themes.on(() => this.paintTheme());
    state.on((now, before) => {
      if (now.look !== before.look) asking.want(now.look);
      if (now.layer !== before.layer) this.paintSky();
      sky.hide(now.play !== null);
      this.showLegend();
      this.drawUnits();
    });
    let painted: Shown["seen"] = null;
    asking.on("The map", (shown) => {
      if (shown.seen === painted) return;
      painted = shown.seen;
      this.paintSky();
    });
    asking.on("The number", (shown) => {
      this.number.show(shown);
      this.terrain.sky(shown.seen?.quick.terrain_label ?? "");
    });
    asking.on("What it rests on", (shown) => this.notes.show(shown));
    drawNames(overlay, viewer, this.ports.about, state);
    viewer.scene.camera.moveEnd.addEventListener(() => this.address.keep());
    listenToKeys(state, viewer);
  }

  private paintTheme(): void {
    document.documentElement.dataset.theme = this.themes.now();
    this.viewer.setTheme(this.themes.now());
    this.paintSky();
    this.showLegend();
    this.drawUnits();
  }

  private paintSky(): void {
    this.sky.show(this.asking.shown.seen?.raster ?? null, this.state.get().layer);
  }

  private showLegend(): void {
    const { layer, look, circles, play } = this.state.get();
    this.legend.element.hidden = play !== null;
    this.legend.show(layer, this.themes.now(), look.opportunities, circles);
  }

  private drawUnits(): void {
    drawUnits(this.overlay, this.viewer, this.state, this.ports.systems);
  }

  // -------------------------------------------------------------------------------------------------------------------- layout

  private furnish(map: HTMLElement, side: HTMLElement, firstVisit: boolean): void {
    const { ports, state, viewer, asking } = this;
    const hold = (held: boolean): void => asking.hold(held);
    const travel = new Travel(ports);
    const readout = new Readout(viewer, state, asking);
    const units = new UnitsPanel(ports);
    const markers = el("div", { id: "markers" });
    new Markers(viewer, markers, state, ports.systems, hold);
    const replay = new ReplayPlayer(ports, (label) => this.terrain.raid(label));
    const tour = new Tour(ports, this.start);
    this.listen(units, readout);
    map.append(markers, readout.element, el("div", { class: "corner" }, this.legend.element, this.terrain.element), credits(ports.about), this.notes.banner, replay.bar, tour.box);
    const tools = toolBar({ ...ports, picture: () => this.picture(), link: () => this.address.link() });
    side.append(
      el("header", {}, el("h1", {}, "closedsky"), tools),
      ...this.head(hold),
      this.notes.faults,
      el(
        "div",
        { class: "rest" },
        this.front(tour, replay),
        claimsPanel(ports, firstVisit, (example, variant) => travel.toExample(example, variant)),
        areaPanel(state, ports.about, (iso3) => travel.toCountry(iso3)),
        units.element,
        targetPanel(state, ports.about, hold),
        new Protection(ports).element,
        this.notes.element,
      ),
    );
  }

  /** The headline number with its request; while a raid is replayed, which does not concern it, a note on that. */
  private head(hold: (held: boolean) => void): HTMLElement[] {
    const { state } = this;
    const head = el("div", { class: "head" }, this.number.element, heightDial(state, hold), layersPanel(state));
    const meanwhile = el("p", { class: "head", id: "meanwhile" }, "A raid plays: one trial of its own scenario. The number and the map of your units are back when it is closed.");
    state.on(({ play }) => {
      head.hidden = play !== null;
      meanwhile.hidden = play === null;
    });
    return [head, meanwhile];
  }

  private front(tour: Tour, replay: ReplayPlayer): HTMLElement {
    const empty = (): void => this.state.set({ selected: null, play: null, look: { ...this.start.look, units: [], country: null } });
    return el(
      "nav",
      { class: "front", "aria-label": "Where to begin" },
      el("button", { id: "tour", type: "button", class: "chip", onclick: () => tour.begin() }, "Show me around"),
      replay.start,
      el("button", { id: "empty", type: "button", class: "chip", title: "Start with an empty map", onclick: empty }, "Empty map"),
    );
  }

  private listen(units: UnitsPanel, readout: Readout): void {
    const handler = new ScreenSpaceEventHandler(this.viewer.scene.canvas);
    handler.setInputAction((event: { endPosition: Cartesian2 }) => readout.pointAt({ x: event.endPosition.x, y: event.endPosition.y }), ScreenSpaceEventType.MOUSE_MOVE);
    handler.setInputAction((event: { position: Cartesian2 }) => {
      const { x, y } = event.position;
      const at = this.viewer.placeOf(x, y);
      if (at && !units.click(at.lat, at.lon)) readout.pointAt({ x, y });
    }, ScreenSpaceEventType.LEFT_CLICK);
  }

  private picture(): Promise<Blob> {
    const { viewer, overlay, asking, state } = this;
    return picture({ viewer, overlay, systems: this.ports.systems, view: state.get(), seen: asking.shown.seen, answer: asking.shown.overRelief ?? asking.shown.answer });
  }

  /** State and requests of the page, for tests and the curious: `closedsky` in the console. */
  private inspect(): void {
    const { asking, state, viewer } = this;
    const box = (): DOMRect => viewer.canvas.getBoundingClientRect();
    Object.assign(window, {
      closedsky: {
        look: () => state.get().look,
        quick: () => (fresh(asking.shown) ? asking.shown.seen!.quick : null),
        answer: () => asking.shown.answer,
        overRelief: () => asking.shown.overRelief,
        screenOf: (lat: number, lon: number) => {
          const at = viewer.screenOf(lat, lon);
          return at && { x: at.x + box().x, y: at.y + box().y };
        },
        placeOf: (x: number, y: number) => viewer.placeOf(x - box().x, y - box().y),
      },
    });
  }
}

const credits = (about: About): HTMLElement =>
  el("p", { id: "credits", title: about.credits.join("\n") }, "Natural Earth; NOAA ETOPO5 · ", el("a", { href: "licences.txt" }, "CesiumJS, milsymbol"));
