// What is beside the controls: the front page, the player, the tour, and the tools for taking something along.
import { api, Refused } from "./api";
import type { App } from "./app";
import { download, el } from "./dom";
import { toHash } from "./hash";
import { claimsPanel } from "./panels/claims";
import { Protection } from "./panels/protection";
import { ReelPlayer } from "./panels/reel";
import { Tour } from "./panels/tour";
import { savePicture } from "./picture";
import type { View } from "./state";

export interface Extras {
  tools: HTMLElement;
  front: HTMLElement;
  claims: HTMLElement;
  panels: HTMLElement[];
  overMap: HTMLElement[];
  protection: Protection;
}

export function extras(app: App, start: View): Extras {
  const protection = new Protection(app);
  const reel = new ReelPlayer(app);
  const tour = new Tour(app, start);
  return {
    tools: tools(app),
    front: front(app, tour, reel),
    claims: claimsPanel(app),
    panels: [protection.element],
    overMap: [reel.bar, tour.box],
    protection,
  };
}

function front(app: App, tour: Tour, reel: ReelPlayer): HTMLElement {
  return el(
    "nav",
    { class: "front", "aria-label": "Where to begin" },
    el("button", { id: "tour", type: "button", class: "chip", onclick: () => tour.begin() }, "Show me around"),
    reel.start,
    el("button", { id: "empty", type: "button", class: "chip", title: "Start with an empty map", onclick: () => app.state.set({ selected: null, play: null, look: { ...app.about.start, units: [], country: null } }) }, "Empty map"),
  );
}

function tools(app: App): HTMLElement {
  const button = (id: string, label: string, sign: string, act: () => unknown): HTMLElement => el("button", { id, type: "button", class: "icon tool", title: label, "aria-label": label, onclick: act }, sign);
  return el(
    "div",
    { class: "tools" },
    button("save", "Save a picture", "Picture", () => savePicture(app)),
    button("scenario", "Download the scenario file", "File", () => scenario(app)),
    button("link", "Copy a link to this view", "Link", () => copyLink(app)),
    button("theme", "Light or dark", "◐", () => app.state.set({ theme: app.theme() === "dark" ? "light" : "dark" })),
  );
}

async function scenario(app: App): Promise<void> {
  try {
    download("closedsky.yaml", new Blob([await api.scenario(app.state.get().look)], { type: "text/yaml" }));
    app.notes.say("Saved. closedsky cover closedsky.yaml gives the same numbers.");
  } catch (error) {
    app.notes.say(error instanceof Refused ? error.message : "The server did not answer.");
  }
}

async function copyLink(app: App): Promise<void> {
  const link = `${location.origin}${location.pathname}#${toHash({ ...app.state.get(), camera: app.viewer.cameraNow() })}`;
  try {
    await navigator.clipboard.writeText(link);
    app.notes.say("The link to this view is copied.");
  } catch {
    app.notes.say(link);
  }
}
