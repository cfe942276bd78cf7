// Claims that were made in public: pick one and its units stand on the globe; test it and hear what comes out.
import { testClaim } from "../api";
import { begin, done } from "../busy";
import { el, fold } from "../dom";
import type { Ports } from "../ports";
import type { Assessment, ClaimSummary, TestEvent } from "../types";
import { height, percent, percentRange } from "../words";
import { faultList } from "./notes";

/** Puts the units of a scenario on the globe. */
type Stand = (example: string, variant: string | null) => Promise<void>;

const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

/** 2020-01-07 as 7 January 2020. */
function dated(date: string): string {
  const [year, month, day] = date.split("-");
  return [day && String(Number(day)), month && MONTHS[Number(month) - 1], year].filter(Boolean).join(" ");
}

/** What a reader should know of the words: whose they are, and whether anybody could read them. */
function marks(claim: ClaimSummary): string {
  const told = [claim.words !== "quotation" && `a ${claim.words}`, claim.grade === "unverified" && "source not verified"].filter(Boolean);
  return told.length ? ` (${told.join("; ")})` : "";
}

export function claimsPanel({ about }: Pick<Ports, "about">, open: boolean, stand: Stand): HTMLElement {
  const cards = about.claims.map((claim) => card(claim, stand));
  const list = el("ul", { id: "claims" }, ...cards);
  return fold("claims-panel", "What was claimed", open, el("p", { class: "small" }, "Pick a claim to see its units on the globe, then test it."), list);
}

function card(claim: ClaimSummary, stand: Stand): HTMLElement {
  const result = el("div", { class: "verdict", "aria-live": "polite" });
  const test = el("button", { type: "button", class: "test", hidden: true }, "Test it");
  const pick = el(
    "button",
    { type: "button", class: "said claim" },
    claim.words === "paraphrase" ? el("span", { class: "paraphrase" }, claim.said) : el("q", {}, claim.said),
    el("span", { class: "small" }, `${claim.speaker}, ${dated(claim.date)}${marks(claim)}`),
  );
  const means = el("div", { class: "means small", hidden: true }, el("p", {}, claim.means), el("p", {}, `Source: ${claim.sources.join("; ")}`));
  const item = el("li", { "data-claim": claim.id }, pick, means, test, result);
  pick.addEventListener("click", () => {
    for (const other of item.parentElement!.children) other.classList.toggle("picked", other === item);
    means.hidden = test.hidden = false;
    const [example, variant] = claim.scenarios[0] ?? [];
    if (example) void stand(example, variant ?? null);
  });
  test.addEventListener("click", () => runTest(claim, test, result));
  return item;
}

function runTest(claim: ClaimSummary, button: HTMLButtonElement, result: HTMLElement): void {
  button.disabled = true;
  begin("claim");
  const bar = el("progress", { max: 1, "aria-label": "Progress of the test" });
  const step = el("span", { class: "small" }, "asked; a test takes up to a minute or so");
  result.replaceChildren(bar, step);
  const over = (shown: Node[]): void => {
    button.disabled = false;
    result.replaceChildren(...shown);
    done("claim");
  };
  testClaim(
    claim.id,
    (event: TestEvent) => {
      if (event.assessment) over(verdict(event.assessment, claim));
      else if (event.refusal) over([faultList(event.refusal.faults)]);
      else if (event.step) {
        bar.max = event.step.of || 1;
        bar.value = event.step.done;
        step.textContent = `${event.step.what} (${event.step.done} of ${event.step.of})`;
      }
    },
    () => over([el("p", { class: "fault-line" }, "The connection broke before the test was over. Test it again.")]),
  );
}

function verdict(found: Assessment, claim: ClaimSummary): Node[] {
  const rows = found.tests.map((test) =>
    el(
      "tr",
      {},
      el("td", {}, `${test.variant}, ${height(test.test.level_m ?? 0)}`),
      el("td", { class: "share" }, `${percent(test.share.likely)} (${percentRange(test.share)})`),
      el("td", { class: `word ${test.verdict.replace(" ", "-")}` }, test.by_arithmetic ? `${test.verdict}, no simulation needed` : test.verdict),
    ),
  );
  const sizes = [...new Set(found.tests.map((test) => test.cell_m / 1000))].sort((a, b) => a - b);
  const cells = `in cells of ${sizes.join(" and ")} km; in others it differs somewhat`;
  return [
    el("p", { class: `final ${found.verdict === found.computed ? found.verdict.replace(" ", "-") : "not-tested"}` }, found.answer),
    el("p", {}, found.number),
    el("p", {}, found.why),
    el("table", {}, el("caption", { class: "small" }, `Closed share of the area, with its range, ${cells}`), el("tbody", {}, ...rows)),
    el("h3", {}, "What would change it"),
    ...changes(found),
    el("h3", {}, "What this does not show"),
    el("ul", { class: "dots" }, ...claim.shows_not.map((line) => el("li", {}, line))),
    el("p", { class: "small" }, `${found.assumed} of ${found.figures} figures are assumed, unverified or estimates.`),
  ];
}

function changes(found: Assessment): Node[] {
  const { flips, nearest, figures, what_ifs: whatIfs, settled } = found.flip;
  const tried = figures + whatIfs;
  if (flips.length) return [el("ul", { class: "dots" }, ...flips.map((flip) => el("li", {}, `${flip.what}: then ${flip.verdict}`)))];
  const none = `None of ${tried} single changes tried${settled ? ` (and ${settled} figures that stand at that end already)` : ""} would.`;
  return [el("p", {}, none, nearest ? ` Nearest: ${nearest.what}, with ${percent(nearest.share)}.` : "")];
}
