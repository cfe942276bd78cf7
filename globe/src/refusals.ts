// Refusals in the words of the page: the server's messages name flags and paths of commands and scenario files, which the page lacks.
import type { Fault } from "./types";

const ADVICE: [RegExp, string][] = [
  [/^use cells of .* or less$/, "Ask for the share of a larger country, or of none."],
  [/^give a larger area$/, "Ask for the share of a larger country, or of none."],
  [/^use cells of .* or more$/, "Ask for the share of a smaller country, or put the units nearer to one another."],
  [/^map a part of it/, "Ask for the share of a smaller country or one nearer to the units, or put the units nearer to one another."],
  [/^map an area that is clear of the poles$/, "Ask for the share of another country, or of none."],
  [/^give a place on land/, "Move it onto land."],
];

/** The fields of a request, by their labels on the page. */
const LABELS: Record<string, string> = {
  level_m: "Height",
  "target.rcs_m2": "Radar cross-section",
  "target.speed_mps": "Speed",
  opportunities: "Shots that close it",
  together: "Come together",
  cell_m: "Cells (in the link)",
  units: "Units",
  assets: "Assets",
};

export function inWordsOfThePage({ what, where, fix }: Fault): { what: string; fix: string } {
  const advice = ADVICE.find(([told]) => told.test(fix))?.[1];
  const label = LABELS[where];
  return { what: label ? `${label}: ${what}` : capital(what), fix: advice ?? sentence(fix) };
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const sentence = (text: string): string => (text ? `${capital(text)}${/[.?!]$/.test(text) ? "" : "."}` : "");
