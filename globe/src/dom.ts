// Builds DOM elements in one expression.

type Child = Node | string | null | undefined | false;
type Props = Record<string, unknown>;

/** An element with attributes (`aria-label`, `for`), properties (`value`), listeners (`onclick`), and children. */
export function el<K extends keyof HTMLElementTagNameMap>(tag: K, props: Props = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "class") made.className = String(value);
    else if (name.startsWith("on")) made.addEventListener(name.slice(2), value as EventListener);
    else if (name in made && !name.includes("-")) (made as unknown as Props)[name] = value;
    else made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children.filter((child): child is Node | string => child !== null && child !== undefined && child !== false));
  return made;
}

/** An element of SVG. */
export function svg(tag: string, props: Record<string, string | number> = {}, ...children: (Node | string)[]): SVGElement {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(props)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}

/** A collapsible section of the panel. */
export function fold(id: string, title: string, open: boolean, ...children: Child[]): HTMLDetailsElement {
  return el("details", { id, open, class: "fold" }, el("summary", {}, el("h2", {}, title)), ...children);
}

export const calm = (): boolean => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Offers a file for download. */
export function download(name: string, content: Blob): void {
  const link = el("a", { href: URL.createObjectURL(content), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
