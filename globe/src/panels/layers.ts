// Which map of the sky is shown, and what its colours mean.
import { el } from "../dom";
import { css, legend, PALETTES } from "../palette";
import { LAYERS, type Layer, type State, type Theme } from "../state";

const NAMES: Record<Layer, string> = { floor: "Floor", tracked: "Detected", engageable: "Engageable", opportunities: "Opportunities", closed: "Closed" };
export const MEANS: Record<Layer, string> = {
  floor: "Lowest height seen by an engagement radar",
  tracked: "Detected and tracked",
  engageable: "Engageable",
  opportunities: "Firing opportunities before it has passed",
  closed: "Closed sky",
};

export function layersPanel(state: State): HTMLElement {
  const inputs = LAYERS.map((layer) =>
    el("label", { class: "choice", title: MEANS[layer] }, el("input", { type: "radio", name: "layer", id: `layer-${layer}`, value: layer, onchange: () => state.set({ layer }) }), el("span", {}, NAMES[layer])),
  );
  const circles = el("input", { type: "checkbox", id: "circles", onchange: () => state.set({ circles: circles.checked }) });
  state.on(({ layer, circles: on }) => {
    for (const label of inputs) {
      const input = label.querySelector("input")!;
      input.checked = input.value === layer;
    }
    circles.checked = on;
  });
  return el(
    "fieldset",
    { class: "layers" },
    el("legend", {}, "Show"),
    el("div", { class: "choices" }, ...inputs),
    el("label", { class: "check" }, circles, el("span", { class: "dashes", "aria-hidden": "true" }), "Brochure circles, as claimed"),
  );
}

/** The legend, over the globe. */
export class LegendBox {
  readonly element = el("div", { id: "legend", role: "group", "aria-label": "Legend" });

  show(layer: Layer, theme: Theme, enough: number, circles: boolean): void {
    const palette = PALETTES[theme];
    const swatches = legend(layer, palette, enough).map(({ colour, text }) => el("li", {}, el("span", { class: "swatch", style: `background:${css(colour, 0.9)}` }), text));
    const claim = circles && el("li", {}, el("span", { class: "swatch dashed" }), "brochure circle: a claim");
    this.element.replaceChildren(el("strong", {}, MEANS[layer]), el("ul", {}, ...swatches, claim));
  }
}
