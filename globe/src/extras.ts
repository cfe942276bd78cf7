import type { App } from "./app";
import { el } from "./dom";
import type { View } from "./state";

export function extras(app: App, _start: View): { tools: HTMLElement; claims: HTMLElement; panels: HTMLElement[] } {
  const theme = el("button", { id: "theme", type: "button", class: "icon", onclick: () => app.state.set({ theme: app.theme() === "dark" ? "light" : "dark" }) }, "◐");
  return { tools: el("div", { class: "tools" }, theme), claims: el("div"), panels: [] };
}
