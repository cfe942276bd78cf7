// Draws the state: brochure circles, sectors, the outline of the area, and country names for orientation.
import { arc, wedge } from "./geodesy";
import { caption, type Overlay, type Shape } from "./overlay";
import type { State } from "./state";
import type { About, SystemSummary } from "./types";
import type { Viewer } from "./viewer";

const WIDEST_NAMED_DEG = 34;
const LEAST_NAMED_PX = 95;
/** Country names are not drawn over units. */
const CLEAR_PX = 90;
const SECTOR_OF_RANGE = 0.5;

export function drawUnits(overlay: Overlay, viewer: Viewer, state: State, systems: ReadonlyMap<string, SystemSummary>): void {
  const { look, circles, play, selected } = state.get();
  const { claim, halo, ink } = viewer.palette;
  const shapes: Shape[] = [];
  if (!play) {
    for (const unit of look.units) {
      const card = systems.get(unit.system);
      const km = card?.range_km ?? 0;
      if (circles && km) shapes.push({ points: arc(unit.at, km), stroke: claim, width: 2, dash: [9, 6], halo: look.units.length < 12 ? halo : undefined, label: look.units.length < 6 ? `${Math.round(km)} km, says the brochure` : undefined });
      if (card && card.sector_deg < 360 && unit.heading_deg != null && km) {
        shapes.push({ points: wedge(unit.at, km * SECTOR_OF_RANGE, unit.heading_deg, card.sector_deg), stroke: ink, width: unit.id === selected ? 1.6 : 1, fill: "rgba(120,140,155,.13)" });
      }
    }
    if (look.outline) shapes.push({ points: [...look.outline, look.outline[0]!] as [number, number][], stroke: ink, width: 1.5, dash: [2, 4], halo });
  }
  overlay.set("units", shapes);
}

/** Names at the centres of countries that have room for them. */
export function drawNames(overlay: Overlay, viewer: Viewer, about: About, state: State): void {
  const named = about.countries.filter((one) => one.east - one.west < WIDEST_NAMED_DEG);
  overlay.paint("names", (pen, where) => {
    pen.globalAlpha = 0.62;
    const stood = state.get().look.units.map((unit) => where(...unit.at));
    for (const one of named) {
      const [middle, west, east] = [[(one.south + one.north) / 2, (one.west + one.east) / 2], one.west, one.east] as const;
      const at = where(middle[0], middle[1]);
      const [left, right] = [where(middle[0], west), where(middle[0], east)];
      if (!at || !left || !right || Math.hypot(right.x - left.x, right.y - left.y) < LEAST_NAMED_PX) continue;
      if (stood.some((unit) => unit && Math.abs(unit.x - at.x) < CLEAR_PX && Math.abs(unit.y - at.y) < CLEAR_PX / 2)) continue;
      caption(pen, one.name.toUpperCase(), { x: at.x, y: at.y + 10 }, viewer.palette.ink, viewer.palette.halo, 10.5);
    }
  });
}
