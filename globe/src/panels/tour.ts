// "Show me around": three steps, each doing what it speaks of.
import { el } from "../dom";
import type { Ports } from "../ports";
import type { State, View } from "../state";

interface Stop {
  title: string;
  text: string;
  act: (state: State) => void;
}

function stops(start: View): Stop[] {
  const unit = start.look.units[0]!;
  return [
    {
      title: "The circle and the sky",
      text: "The dashed circle is what the brochure claims. The filled area is where an aircraft 1 km above the ground can really be shot at, whichever way it comes.",
      act: (state) => state.set({ ...start, theme: state.get().theme }),
    },
    {
      title: "Fly lower",
      text: "At 100 m hills and the bend of the Earth hide the aircraft: hardly anything is left. Move the height slider yourself.",
      act: (state) => state.look({ level_m: 100 }),
    },
    {
      title: "Move the unit",
      text: "Put it behind the mountains and see what they take away. Drag it with the mouse or a finger; with the keyboard, focus it and use the arrows.",
      act: (state) => {
        state.look({ level_m: 1000 });
        state.changeUnit(unit.id, { at: [35.6, 45.3] });
        state.set({ selected: unit.id });
      },
    },
  ];
}

export class Tour {
  readonly box = el("section", { id: "tour-box", hidden: true, role: "dialog", "aria-label": "Show me around" });
  private from: HTMLElement | null = null;

  constructor(
    private page: Pick<Ports, "state" | "camera">,
    private start: View,
  ) {
    addEventListener("keydown", (event) => event.key === "Escape" && this.end());
  }

  begin(): void {
    this.from = document.activeElement as HTMLElement | null;
    this.page.camera.setCamera(this.start.camera);
    this.step(0);
  }

  private step(at: number): void {
    const all = stops(this.start);
    const stop = all[at];
    if (!stop) return this.end();
    this.box.hidden = false;
    stop.act(this.page.state);
    const next = el("button", { type: "button", class: "primary", id: "tour-next", onclick: () => this.step(at + 1) }, at === all.length - 1 ? "Done" : "Next");
    const leave = el("button", { type: "button", class: "link", onclick: () => this.end() }, "Leave");
    this.box.replaceChildren(el("p", { class: "small" }, `${at + 1} of ${all.length}`), el("h2", {}, stop.title), el("p", {}, stop.text), el("div", { class: "row" }, leave, next));
    next.focus();
  }

  /** Over: the focus is where it was before. */
  private end(): void {
    if (this.box.hidden) return;
    this.box.hidden = true;
    this.from?.focus();
  }
}
