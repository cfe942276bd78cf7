// "Show me around": three steps, each doing what it speaks of.
import type { App } from "../app";
import { el } from "../dom";
import type { View } from "../state";

interface Stop {
  title: string;
  text: string;
  act: (app: App) => void;
}

function stops(start: View): Stop[] {
  const unit = start.look.units[0]!;
  return [
    {
      title: "The circle and the sky",
      text: "The dashed circle is what the brochure claims. The filled area is where an aircraft 1 km above the ground can really be shot at, whichever way it comes.",
      act: (app) => app.state.set({ ...start, theme: app.state.get().theme }),
    },
    {
      title: "Fly lower",
      text: "At 100 m hills and the bend of the Earth hide the aircraft: hardly anything is left. Move the height slider yourself.",
      act: (app) => app.state.look({ level_m: 100 }),
    },
    {
      title: "Move the unit",
      text: "Put it behind the mountains and see what they take away. Drag it with the mouse or a finger; with the keyboard, focus it and use the arrows.",
      act: (app) => {
        app.state.look({ level_m: 1000 });
        app.state.changeUnit(unit.id, { at: [35.6, 45.3] });
        app.state.set({ selected: unit.id });
      },
    },
  ];
}

export class Tour {
  readonly box = el("section", { id: "tour-box", hidden: true, role: "dialog", "aria-label": "Show me around" });

  constructor(
    private app: App,
    private start: View,
  ) {}

  begin(): void {
    this.app.viewer.setCamera(this.start.camera);
    this.step(0);
  }

  private step(at: number): void {
    const all = stops(this.start);
    const stop = all[at];
    this.box.hidden = !stop;
    if (!stop) return;
    stop.act(this.app);
    const next = el("button", { type: "button", class: "primary", id: "tour-next", onclick: () => this.step(at + 1) }, at === all.length - 1 ? "Done" : "Next");
    const leave = el("button", { type: "button", class: "link", onclick: () => this.step(all.length) }, "Leave");
    this.box.replaceChildren(el("p", { class: "small" }, `${at + 1} of ${all.length}`), el("h2", {}, stop.title), el("p", {}, stop.text), el("div", { class: "row" }, leave, next));
    next.focus();
  }
}
