// Where something new is put: in the middle of the view, or south of what stands there.
import { cleared } from "../geodesy";
import type { Ports } from "../ports";
import type { LatLon } from "../types";

/** How far apart things are put at least, of the distance the globe is seen from. */
const APART = 1 / 22;

export function freeSpot({ state, camera }: Pick<Ports, "state" | "camera">): LatLon {
  const { units, assets } = state.get().look;
  return cleared(camera.middle(), [...units, ...assets].map((one) => one.at), camera.cameraNow().km * APART);
}
