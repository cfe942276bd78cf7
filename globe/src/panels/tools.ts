// What can be taken along: a picture, the scenario's file, a link; and light or dark.
import { api, Refused } from "../api";
import { download, el } from "../dom";
import type { Ports } from "../ports";

interface Page extends Pick<Ports, "state" | "answers" | "themes" | "say"> {
  picture: () => Promise<Blob>;
  link: () => string;
}

export function toolBar(page: Page): HTMLElement {
  const { state, themes } = page;
  const button = (id: string, label: string, sign: string, act: () => unknown): HTMLElement => el("button", { id, type: "button", class: "icon tool", title: label, "aria-label": label, onclick: act }, sign);
  return el(
    "div",
    { class: "tools" },
    button("save", "Save a picture", "Picture", () => savePicture(page)),
    button("scenario", "Download the scenario file", "File", () => saveScenario(page)),
    button("link", "Copy a link to this view", "Link", () => copyLink(page)),
    button("theme", "Light or dark", "◐", () => state.set({ theme: themes.now() === "dark" ? "light" : "dark" })),
  );
}

async function savePicture({ state, answers, say, picture }: Page): Promise<void> {
  const { look, play } = state.get();
  if (play) return say("A picture is of the sky that is closed: close the raid first.");
  if (answers.shown.faults.length) return say("There is no answer to make a picture of.");
  if (look.units.length && !answers.shown.answer) return say("The answer is still on its way: try again in a moment.");
  try {
    download("closedsky.png", await picture());
  } catch (error) {
    console.error(error);
    say(`The picture could not be painted (${(error as Error).message}).`);
  }
}

async function saveScenario({ state, say }: Page): Promise<void> {
  try {
    download("closedsky.yaml", new Blob([await api.scenario(state.get().look)], { type: "text/yaml" }));
    say("Saved. closedsky cover closedsky.yaml gives the same numbers.");
  } catch (error) {
    say(error instanceof Refused ? error.message : "The server did not answer.");
  }
}

async function copyLink({ say, link }: Page): Promise<void> {
  try {
    await navigator.clipboard.writeText(link());
    say("The link to this view is copied.");
  } catch {
    say(link());
  }
}
