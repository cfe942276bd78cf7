// What is protected: assets, and from which side threats to them are met how often.
import { el, fold } from "../dom";
import type { Ports } from "../ports";
import { footprintPart } from "./footprint";
import { ringPainter, roseFigure } from "./rose";
import { freeSpot } from "./spot";

export class Protection {
  readonly element: HTMLElement;
  private list = el("ul", { class: "assets" });
  private roses = el("div", { class: "roses" });

  constructor(private page: Pick<Ports, "about" | "systems" | "state" | "answers" | "camera" | "lines" | "themes">) {
    const { state, answers, themes } = page;
    const add = el("button", { id: "add-asset", type: "button", onclick: () => state.addAsset(freeSpot(page)) }, "Place an asset");
    const told = "An asset is a place to protect. Its rose tells, for each direction an attack may come from, how many firing opportunities it meets.";
    this.element = fold("protection", "What is protected", state.get().look.assets.length > 0, el("p", { class: "small" }, told), add, this.list, this.roses, footprintPart(page));
    answers.on("The roses", () => this.paint());
    themes.on(() => this.paint());
    state.on((now, before) => {
      if (now.look.assets !== before.look.assets || now === before) this.listed();
      if (now.play !== before.play) this.paint();
    });
  }

  private listed(): void {
    const { state } = this.page;
    const { assets } = state.get().look;
    if (assets.length) this.element.setAttribute("open", "");
    this.list.replaceChildren(
      ...assets.map((asset) => el("li", {}, el("span", {}, asset.id), el("button", { type: "button", class: "icon", "aria-label": `Remove ${asset.id}`, onclick: () => state.removeAsset(asset.id) }, "×"))),
    );
  }

  /** In the colours of the theme there is, and none of it on the globe while a raid plays. */
  private paint(): void {
    const { state, answers, camera, lines, themes } = this.page;
    const roses = answers.shown.answer?.roses ?? [];
    this.roses.replaceChildren(...roses.map((rose) => roseFigure(rose, themes.palette)));
    const seen = roses.length > 0 && state.get().play === null;
    lines.paint("roses", seen ? ringPainter(roses, themes.palette, () => camera.cameraNow().km) : null);
  }
}
