// What the reader has to know: faults, warnings, what the figures rest on, whose data it is; and that the server is gone.
import type { Shown } from "../asking";
import { el, fold } from "../dom";
import type { Fault } from "../types";

export function faultList(faults: Fault[]): HTMLElement {
  return el("ul", { class: "fault-list" }, ...faults.map((fault) => el("li", {}, el("strong", {}, fault.what), el("span", {}, ` (${fault.where})`), el("span", { class: "fix" }, ` ${fault.fix}`))));
}

export class Notes {
  readonly faults = el("div", { class: "fault", role: "alert", hidden: true });
  readonly banner = el("div", { id: "banner", role: "status", hidden: true });
  readonly element: HTMLElement;
  private body = el("div", {});

  constructor() {
    this.element = fold("notes", "What it rests on", false, this.body);
  }

  show({ glance, answer, answered, faults }: Shown): void {
    this.faults.hidden = !faults.length;
    this.faults.replaceChildren(...(faults.length ? [el("p", {}, "This cannot be answered:"), faultList(faults)] : []));
    if (!glance) return;
    const warnings = new Set([...glance.warnings, ...(answered && answer ? answer.warnings : [])]);
    this.body.replaceChildren(
      el("p", {}, `${glance.assumed} of the ${glance.figures} figures under it are assumed or unverified; the range has every figure at its end that favours the attacker, and the defender.`),
      el("ul", {}, ...[...warnings].map((warning) => el("li", {}, warning))),
      el("p", { class: "small" }, `Terrain ${glance.terrain_label}. Cells of ${glance.cell_m / 1000} km. Catalogue ${glance.catalogue_hash}.`),
      ...glance.credits.map((credit) => el("p", { class: "small" }, credit)),
    );
  }

  /** One plain sentence over the globe. */
  say(text: string, lasting = false): void {
    const close = el("button", { type: "button", class: "icon", "aria-label": "Close", onclick: () => (this.banner.hidden = true) }, "×");
    this.banner.replaceChildren(text, ...(lasting ? [] : [close]));
    this.banner.hidden = false;
    this.banner.classList.toggle("grave", lasting);
  }

  gone(gone: boolean): void {
    if (gone) this.say("The server does not answer. It may have been stopped: start closedsky serve again; this page goes on by itself.", true);
    else this.banner.hidden = true;
  }
}
