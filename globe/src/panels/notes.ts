// What the reader has to know: faults, warnings, what the figures rest on, whose data it is; and that the server is gone.
import type { Shown } from "../asking";
import { el, fold } from "../dom";
import { inWordsOfThePage } from "../refusals";
import type { Fault } from "../types";

export function faultList(faults: Fault[]): HTMLElement {
  return el("ul", { class: "fault-list" }, ...faults.map(inWordsOfThePage).map(({ what, fix }) => el("li", {}, el("strong", {}, `${what}.`), el("span", { class: "fix" }, ` ${fix}`))));
}

const GONE = "The server does not answer. It may have been stopped: start closedsky serve again; this page goes on by itself.";

export class Notes {
  readonly faults = el("div", { class: "fault", role: "alert", hidden: true });
  readonly banner = el("div", { id: "banner", role: "status", hidden: true });
  readonly element: HTMLElement;
  private body = el("div", {});
  private said = el("p", { hidden: true });
  private lasting = el("p", { class: "grave", hidden: true }, GONE);
  private close = el("button", { type: "button", class: "icon", "aria-label": "Close", onclick: () => this.say("") }, "×");

  constructor() {
    this.element = fold("notes", "What it rests on", false, this.body);
    this.banner.append(el("div", {}, this.lasting, this.said), this.close);
  }

  show({ seen, answer, overRelief, faults }: Shown): void {
    this.faults.hidden = !faults.length;
    this.faults.replaceChildren(...(faults.length ? [el("p", {}, "This cannot be answered:"), faultList(faults)] : []));
    if (!seen) return this.body.replaceChildren();
    const { quick } = seen;
    const warnings = (overRelief ?? answer ?? quick).warnings;
    this.body.replaceChildren(
      el("p", {}, `${quick.assumed} of the ${quick.figures} figures under it are assumed, unverified or estimates; the range has every figure at its end that favours the attacker, and the defender.`),
      el("p", { class: "small" }, `By grade: ${Object.entries(quick.by_grade).map(([grade, count]) => `${count} ${grade}`).join(", ")}.`),
      el("ul", {}, ...warnings.map((warning) => el("li", {}, warning))),
      el("p", { class: "small" }, `Terrain ${quick.terrain_label}. Cells of ${quick.cell_m / 1000} km. Catalogue ${quick.catalogue_hash}.`),
      ...quick.credits.map((credit) => el("p", { class: "small" }, credit)),
    );
  }

  /** One plain sentence over the globe, beside that the server is gone. */
  say(text: string): void {
    this.said.textContent = text;
    this.said.hidden = this.close.hidden = !text;
    this.banner.hidden = this.said.hidden && this.lasting.hidden;
  }

  gone(gone: boolean): void {
    this.lasting.hidden = !gone;
    this.say(this.said.textContent);
  }
}
