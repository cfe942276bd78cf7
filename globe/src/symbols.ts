// Military symbols: an air-defence missile unit on land, and a ship for units at sea.
import milsymbol from "milsymbol";
import type { SystemSummary } from "./types";

const CODE = { land: "SFGPUCDM------", ship: "SFSPCL--------" };

export interface Icon {
  svg: string;
  width: number;
  height: number;
  /** The point of the symbol that marks the place. */
  x: number;
  y: number;
}

const kept = new Map<string, Icon>();

export function icon(platform: SystemSummary["platform"], size = 22): Icon {
  const key = `${platform} ${size}`;
  const before = kept.get(key);
  if (before) return before;
  const symbol = new milsymbol.Symbol(CODE[platform], { size, outlineColor: "rgba(255,255,255,.9)", outlineWidth: 3, simpleStatusModifier: true });
  const anchor = symbol.getAnchor();
  const extent = symbol.getSize();
  const made = { svg: symbol.asSVG(), width: extent.width, height: extent.height, x: anchor.x, y: anchor.y };
  kept.set(key, made);
  return made;
}
