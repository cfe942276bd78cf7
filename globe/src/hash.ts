// The view as the address's fragment (after '#'): readable, versioned, without fields equal to those of the start view.
import { LAYERS, type Camera, type Layer, type View } from "./state";
import type { LatLon, MapRequest } from "./types";

const VERSION = "1";
const EXACT = ["level_m", "opportunities", "together", "cell_m"] as const;
const SHORT = { level_m: "level", opportunities: "n", together: "together", cell_m: "cell" } as const;
/** The server's limits; a page with thousands of units would be unusable. */
const MOST = { units: 64, assets: 8, outline: 1000 } as const;
/** Characters left unescaped, so that addresses are easier to read. */
const PLAIN = /%(2C|3A|3B|40)/g;

const pair = (at: readonly number[]): string => at.join(",");

export function toHash(view: View): string {
  const look = view.look;
  const parts: [string, string][] = [["v", VERSION]];
  const put = (name: string, value: string | null | undefined): void => void (value !== null && value !== undefined && parts.push([name, value]));
  put("units", look.units.map((unit) => `${unit.id}:${unit.system}@${pair(unit.at)}${unit.heading_deg == null ? "" : `,${unit.heading_deg}`}`).join(";"));
  put("assets", look.assets.length ? look.assets.map((asset) => `${asset.id}@${pair(asset.at)}`).join(";") : null);
  put("target", `${look.target.kind},${look.target.rcs_m2},${look.target.speed_mps}`);
  for (const name of EXACT) put(SHORT[name], String(look[name]));
  put("above", look.above);
  put("country", look.country ?? null);
  put("outline", look.outline?.map(pair).join(";"));
  put("terrain", look.terrain);
  put("example", look.example ? `${look.example}${look.variant ? `:${look.variant}` : ""}` : null);
  put("layer", view.layer);
  put("circles", view.circles ? null : "off");
  put("selected", view.selected);
  put("theme", view.theme);
  put("play", view.play ? `${view.play.example}${view.play.variant ? `:${view.play.variant}` : ""}` : null);
  put("camera", cameraText(view.camera));
  return parts.map(([name, value]) => `${name}=${encodeURIComponent(value).replace(PLAIN, decodeURIComponent)}`).join("&");
}

function cameraText(camera: Camera): string {
  return [camera.at[0].toFixed(3), camera.at[1].toFixed(3), camera.km.toFixed(0), camera.heading.toFixed(0), camera.pitch.toFixed(0)].join(",");
}

/** The view in an address. Throws an error with a plain message if it cannot be read. */
export function fromHash(hash: string, start: View): View {
  const given = new Map<string, string>();
  for (const part of hash.replace(/^#/, "").split("&").filter(Boolean)) {
    const at = part.indexOf("=");
    if (at < 1) throw new Error(`'${part.slice(0, 40)}' is not name=value`);
    given.set(part.slice(0, at), decoded(part.slice(at + 1)));
  }
  if (given.get("v") !== VERSION) throw new Error("it does not begin with v=1");
  const read = <T>(name: string, reader: (text: string) => T, otherwise: T): T => {
    const text = given.get(name);
    return text === undefined ? otherwise : reader(text);
  };
  const [example, variant] = split(given.get("example"));
  const [played, playedVariant] = split(given.get("play"));
  return {
    look: lookFrom(read, start.look, example, variant),
    layer: read("layer", (text) => oneOf(text, LAYERS, "layer") as Layer, start.layer),
    circles: read("circles", (text) => text !== "off", true),
    selected: given.get("selected") ?? null,
    theme: read("theme", (text) => oneOf(text, ["light", "dark"] as const, "theme"), null),
    play: played ? { example: played, variant: playedVariant } : null,
    camera: read("camera", cameraFrom, start.camera),
  };
}

type Read = <T>(name: string, reader: (text: string) => T, otherwise: T) => T;

function lookFrom(read: Read, start: MapRequest, example: string | null, variant: string | null): MapRequest {
  const exact = Object.fromEntries(EXACT.map((name) => [name, read(SHORT[name], (text) => number(text, SHORT[name]), start[name])]));
  return {
    ...start,
    ...exact,
    units: read("units", (text) => list(text, "units").map(unitFrom), start.units),
    assets: read("assets", (text) => list(text, "assets").map(assetFrom), []),
    target: read("target", targetFrom, start.target),
    above: read("above", (text) => oneOf(text, ["ground", "sea"] as const, "above"), start.above),
    country: read<string | null>("country", (text) => text || null, null),
    outline: read<LatLon[] | null>("outline", (text) => list(text, "outline").map((one) => placeFrom(one)), null),
    terrain: read("terrain", (text) => text, start.terrain),
    example,
    variant,
  };
}

function unitFrom(text: string): MapRequest["units"][number] {
  const found = /^([^:@]+):([^:@]+)@(.+)$/.exec(text);
  if (!found) throw new Error(`'${text}' is not a unit (name:system@lat,lon)`);
  const [lat, lon, heading] = found[3]!.split(",");
  return { id: found[1]!, system: found[2]!, at: placeFrom(`${lat},${lon}`), heading_deg: heading === undefined ? null : number(heading, "heading") };
}

function assetFrom(text: string): MapRequest["assets"][number] {
  const [id, at] = text.split("@");
  if (!id || !at) throw new Error(`'${text}' is not an asset (name@lat,lon)`);
  return { id, at: placeFrom(at) };
}

function targetFrom(text: string): MapRequest["target"] {
  const [kind, rcs, speed] = text.split(",");
  return { kind: oneOf(kind ?? "", ["aircraft", "cruise", "drone"] as const, "target"), rcs_m2: number(rcs, "target"), speed_mps: number(speed, "target") };
}

function cameraFrom(text: string): Camera {
  const [lat, lon, km, heading, pitch] = text.split(",");
  return {
    at: placeFrom(`${lat},${lon}`),
    km: Math.min(Math.max(number(km, "camera"), 1), 40_000),
    heading: number(heading ?? "0", "camera"),
    pitch: Math.min(Math.max(number(pitch ?? "-90", "camera"), -90), -10),
  };
}

function placeFrom(text: string): LatLon {
  const [lat, lon] = text.split(",").map((part) => number(part, "place"));
  if (lat === undefined || lon === undefined || Math.abs(lat) > 90 || Math.abs(lon) > 360) throw new Error(`'${text}' is no place (lat,lon)`);
  return [lat, lon];
}

function list(text: string, what: keyof typeof MOST): string[] {
  const parts = text.split(";").filter(Boolean);
  if (parts.length > MOST[what]) throw new Error(`it has ${parts.length} ${what}, more than ${MOST[what]}`);
  return parts;
}

function split(text: string | undefined): [string | null, string | null] {
  const [first, second] = (text ?? "").split(":");
  return [first || null, second || null];
}

function number(text: string | undefined, what: string): number {
  const value = text === undefined || text.trim() === "" ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) throw new Error(`'${text}' is no number (${what})`);
  return value;
}

function oneOf<T extends string>(text: string, allowed: readonly T[], what: string): T {
  if (!(allowed as readonly string[]).includes(text)) throw new Error(`'${text}' is no ${what} (${allowed.join(", ")})`);
  return text as T;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Error(`'${text.slice(0, 40)}' cannot be decoded`);
  }
}
