// The number: how much is closed, with its range, beside what the brochure's circles would cover.
import { fresh, type Seen, type Shown } from "../asking";
import { el } from "../dom";
import type { Bracket, QuickAnswer, SkyAnswer } from "../types";
import { area, areaRange, height, percent, percentRange } from "../words";

export class NumberPanel {
  readonly element: HTMLElement;
  private share = el("p", { id: "share", "aria-live": "polite", "aria-atomic": "true" }, "…");
  private bars = el("div", { class: "bars" });
  private note = el("p", { class: "small target-told" });

  constructor() {
    this.element = el("section", { class: "number", "aria-label": "How much of the sky is closed" }, this.share, this.bars, this.note);
  }

  show(shown: Shown): void {
    const { seen, look, faults } = shown;
    const answer = shown.overRelief ?? shown.answer;
    this.element.classList.toggle("stale", !fresh(shown));
    if (seen) {
      this.share.replaceChildren(...sentence(seen, answer));
      this.bars.replaceChildren(...bars(seen.quick, answer));
      this.note.textContent = told(seen);
    } else {
      this.share.textContent = !look.units.length ? NOBODY : faults.length ? NO_ANSWER : "…";
      this.bars.replaceChildren();
      this.note.textContent = "";
    }
  }
}

const NOBODY = "Nobody closes any sky: place a unit.";
const NO_ANSWER = "There is no answer to this.";

const closedRange = (answer: SkyAnswer | null): SkyAnswer["levels"][number] | null => answer?.levels[0] ?? null;

/** Over statistical relief the number is the mean over it; without, what the map shows. */
function sentence({ quick }: Seen, answer: SkyAnswer | null): Node[] {
  const level = closedRange(answer);
  const likely = (answer?.relief && level) || null;
  const share = likely ? (likely.closed_share?.likely ?? null) : quick.level.closed_share;
  const value = amount(share, likely?.closed_km2.likely ?? quick.level.closed_km2);
  const range = !level ? "…" : level.closed_share ? percentRange(level.closed_share) : areaRange(level.closed_km2);
  return [
    el("span", { class: "lead" }, `Closed at ${height(quick.level.level_m)}: `),
    el("strong", { class: share === null ? "value long" : "value" }, value),
    el("span", { class: "of" }, quick.area && share !== null ? ` of ${quick.area.name}` : ""),
    el("span", { class: "range" }, ` (${range})`),
  ];
}

/** The sentence as one line, for pictures. */
export const sentenceText = (seen: Seen, answer: SkyAnswer | null): string => sentence(seen, answer).map((node) => node.textContent).join("");

export const brochureText = (quick: QuickAnswer): string =>
  `Brochure circle${quick.circles.length > 1 ? "s" : ""}: ${quick.circles_share === null ? area(quick.circles_km2) : percent(quick.circles_share)}`;

function bars(quick: QuickAnswer, answer: SkyAnswer | null): Node[] {
  const level = closedRange(answer);
  const whole = quick.circles_share === null ? Math.max(quick.circles_km2, quick.level.closed_km2, 1) : 1;
  const closed = quick.level.closed_share ?? quick.level.closed_km2 / whole;
  const circles = quick.circles_share ?? quick.circles_km2 / whole;
  const range = level && (level.closed_share ?? parts(level.closed_km2, whole));
  const staring = level && (level.closed_staring_share ?? (level.closed_staring_km2 && parts(level.closed_staring_km2, whole)));
  const turning = staring ? ", any one direction at a time" : "";
  const overRelief = answer?.relief ? range : null;
  const coarse = quick.terrain.upper_bound ? ` (${overRelief ? "the map; " : ""}upper bound: coarse terrain)` : "";
  return [
    ...(overRelief ? [bar("closed", overRelief.likely, overRelief, `Closed, hills within the coarse cells made up${turning}`)] : []),
    bar("closed", closed, overRelief ? null : range, `Closed${coarse}${overRelief ? `: ${amount(quick.level.closed_share, quick.level.closed_km2)}` : turning}`),
    ...(staring ? [bar("staring", staring.likely, staring, `Each unit staring, in its best direction: ${amount(level.closed_staring_share?.likely ?? null, level.closed_staring_km2?.likely ?? 0)}`)] : []),
    bar("claim", circles, null, brochureText(quick)),
  ];
}

const amount = (share: number | null, km2: number): string => (share === null ? area(km2) : percent(share));

const parts = ({ low, likely, high }: Bracket, whole: number): Bracket => ({ low: low / whole, likely: likely / whole, high: high / whole });

function bar(kind: string, share: number, range: { low: number; high: number } | null, text: string): HTMLElement {
  const wide = (part: number): string => `${(100 * Math.min(Math.max(part, 0), 1)).toFixed(2)}%`;
  const whisker = range && el("span", { class: "whisker", style: `left:${wide(range.low)};width:${wide(range.high - range.low)}` });
  return el("div", { class: `bar ${kind}` }, el("div", { class: "track", "aria-hidden": "true" }, el("span", { class: "fill", style: `width:${wide(share)}` }), whisker), el("span", { class: "bar-text" }, text));
}

/** To what the number is an answer. */
export function told({ look, quick }: Seen): string {
  const { kind, rcs_m2: rcs, speed_mps: speed } = look.target;
  const many = look.together > 1 ? `${look.together} ${kind === "aircraft" ? "aircraft" : kind === "cruise" ? "cruise missiles" : "drones"} together` : `one ${kind === "cruise" ? "cruise missile" : kind}`;
  const shots = look.opportunities > 1 ? `, ${look.opportunities} shots at each` : "";
  return `To ${many} of ${rcs} m² at ${Math.round(speed)} m/s${shots}; ${quick.headings}. ${look.above === "sea" ? "Height above the sea." : "Height above the ground."} Cells of ${quick.cell_m / 1000} km.`;
}
