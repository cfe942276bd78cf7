// What comes, how high, how many, and over which country.
import { el, fold } from "../dom";
import type { State } from "../state";
import type { About, MapRequest } from "../types";
import { height, rcs } from "../words";

const STEPS = 200;
const CUSTOM = "";

/** A slider over powers of ten, or an even one; what is being dragged is not moved by what it does. */
interface Dial {
  id: string;
  label: string;
  least: number;
  most: number;
  log: boolean;
  told: (value: number) => string;
  rounds: (value: number) => number;
  get: (look: MapRequest) => number;
  set: (value: number) => void;
}

export function dial(state: State, one: Dial, hold: (held: boolean) => void): HTMLElement {
  const [low, high] = one.log ? [Math.log(one.least), Math.log(one.most)] : [one.least, one.most];
  const toValue = (step: number): number => {
    const at = low + ((high - low) * step) / STEPS;
    return one.rounds(one.log ? Math.exp(at) : at);
  };
  const toStep = (value: number): number => {
    const at = one.log ? Math.log(Math.max(value, one.least)) : value;
    return Math.min(Math.max((STEPS * (at - low)) / (high - low), 0), STEPS);
  };
  const output = el("output", { for: one.id });
  const input = el("input", { id: one.id, type: "range", min: 0, max: STEPS, step: "any" });
  const change = (): void => {
    const value = toValue(input.valueAsNumber);
    if (value !== one.get(state.get().look)) one.set(value);
  };
  input.addEventListener("input", change);
  input.addEventListener("keydown", (event) => {
    const step = { ArrowUp: 2, ArrowRight: 2, ArrowDown: -2, ArrowLeft: -2, PageUp: 20, PageDown: -20, Home: -STEPS, End: STEPS }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    input.valueAsNumber += step;
    change();
  });
  input.addEventListener("pointerdown", () => hold(true));
  for (const over of ["pointerup", "pointercancel"]) input.addEventListener(over, () => hold(false));
  state.on(({ look }) => {
    const value = one.get(look);
    if (toValue(input.valueAsNumber) !== value) input.value = String(toStep(value));
    output.textContent = one.told(value);
    input.setAttribute("aria-valuetext", one.told(value));
  });
  return el("div", { class: "dial" }, el("label", { for: one.id }, one.label), output, input);
}

const digits = (many: number) => (value: number): number => Number(value.toPrecision(many));

export function heightDial(state: State, hold: (held: boolean) => void): HTMLElement {
  const slider = dial(
    state,
    {
      id: "height",
      label: "Height",
      least: 10,
      most: 30_000,
      log: true,
      told: (value) => `${height(value)} above ${state.get().look.above === "sea" ? "the sea" : "ground"}`,
      rounds: digits(2),
      get: (look) => look.level_m,
      set: (level_m) => state.look({ level_m }),
    },
    hold,
  );
  return slider;
}

export function targetPanel(state: State, about: About, hold: (held: boolean) => void): HTMLElement {
  return fold("target", "What comes", true, preset(state, about), kind(state), ...sliders(state, hold), above(state), steppers(state));
}

function preset(state: State, about: About): HTMLElement {
  const threats = about.threats.filter((threat) => threat.kind !== "ballistic");
  const select = el("select", { id: "preset" }, el("option", { value: CUSTOM }, "as set below"), ...threats.map((threat) => el("option", { value: threat.id }, threat.name)));
  select.addEventListener("change", () => {
    const threat = threats.find((one) => one.id === select.value);
    if (!threat || threat.kind === "ballistic") return;
    const target = state.get().look.target;
    state.look({ target: { kind: threat.kind, rcs_m2: threat.rcs_m2, speed_mps: threat.speed_mps === null ? target.speed_mps : Number((threat.speed_mps ?? target.speed_mps).toPrecision(3)) } });
  });
  state.on(({ look: { target } }) => {
    const like = threats.filter((one) => one.kind === target.kind && one.rcs_m2 === target.rcs_m2 && Math.abs((one.speed_mps ?? 0) - target.speed_mps) < 1);
    if (!like.some((one) => one.id === select.value)) select.value = like[0]?.id ?? CUSTOM;
  });
  return el("div", { class: "field" }, el("label", { for: "preset" }, "As big and fast as"), select);
}

function kind(state: State): HTMLElement {
  const names = { aircraft: "Aircraft", cruise: "Cruise missile", drone: "Drone" } as const;
  const select = el("select", { id: "kind" }, ...Object.entries(names).map(([value, text]) => el("option", { value }, text)));
  select.addEventListener("change", () => state.look({ target: { ...state.get().look.target, kind: select.value as keyof typeof names } }));
  state.on(({ look }) => (select.value = look.target.kind));
  return el("div", { class: "field" }, el("label", { for: "kind" }, "Class"), select);
}

function sliders(state: State, hold: (held: boolean) => void): HTMLElement[] {
  const target = (change: Partial<MapRequest["target"]>): void => state.look({ target: { ...state.get().look.target, ...change } });
  return [
    dial(state, { id: "rcs", label: "Radar cross-section", least: 0.001, most: 100, log: true, told: rcs, rounds: digits(2), get: (look) => look.target.rcs_m2, set: (rcs_m2) => target({ rcs_m2 }) }, hold),
    dial(state, { id: "speed", label: "Speed", least: 20, most: 1500, log: false, told: (value) => `${Math.round(value)} m/s`, rounds: (value) => 5 * Math.round(value / 5), get: (look) => look.target.speed_mps, set: (speed_mps) => target({ speed_mps }) }, hold),
  ];
}

function above(state: State): HTMLElement {
  const select = el("select", { id: "above" }, el("option", { value: "ground" }, "above the ground"), el("option", { value: "sea" }, "above the sea"));
  select.addEventListener("change", () => state.look({ above: select.value as MapRequest["above"] }));
  state.on(({ look }) => (select.value = look.above));
  return el("div", { class: "field" }, el("label", { for: "above" }, "Height is"), select);
}

function steppers(state: State): HTMLElement {
  const stepper = (name: "opportunities" | "together", label: string, most: number): HTMLElement => {
    const input = el("input", { id: name, type: "number", min: 1, max: most, step: 1, inputMode: "numeric" });
    input.addEventListener("change", () => state.look({ [name]: Math.min(Math.max(Math.round(input.valueAsNumber) || 1, 1), most) }));
    state.on(({ look }) => document.activeElement !== input && (input.value = String(look[name])));
    return el("div", { class: "field" }, el("label", { for: name }, label), input);
  };
  return el("div", { class: "pairs" }, stepper("opportunities", "Shots that close it", 8), stepper("together", "Come together", 64));
}

/** The country whose share is asked, and the ground under it all. */
export function areaPanel(state: State, about: About, fly: (iso3: string) => void): HTMLElement {
  const country = el("select", { id: "country" }, el("option", { value: "" }, "no country: areas in km²"), ...about.countries.map((one) => el("option", { value: one.iso3 }, one.name)));
  country.addEventListener("change", () => {
    state.look({ country: country.value || null, outline: null });
    if (country.value) fly(country.value);
  });
  const terrain = el("select", { id: "ground" }, ...about.terrains.map((one) => el("option", { value: one.id }, one.label)));
  terrain.addEventListener("change", () => state.look({ terrain: terrain.value }));
  state.on(({ look }) => {
    country.value = look.country ?? "";
    terrain.value = look.terrain;
  });
  return el(
    "div",
    { class: "area" },
    el("div", { class: "field" }, el("label", { for: "country" }, "Share of"), country),
    el("div", { class: "field" }, el("label", { for: "ground" }, "Terrain"), terrain),
  );
}
