// Lines over the globe (circles, sectors, rings, footprints, tracks), on a flat canvas redrawn with the camera.
import type { Cartesian3 } from "@cesium/engine";
import { attempt } from "./broken";
import type { LatLon } from "./types";
import type { Point, Viewer } from "./viewer";

export interface Shape {
  points: LatLon[];
  stroke: string;
  width?: number;
  dash?: number[];
  fill?: string;
  /** A wider line underneath, for contrast with any background. */
  halo?: string;
  label?: string;
}

/** A shape that draws itself each frame, given a function from places to screen positions (null behind the Earth). */
export type Painter = (pen: CanvasRenderingContext2D, where: (lat: number, lon: number, metres?: number) => Point | null) => void;

export class Overlay {
  readonly canvas = document.createElement("canvas");
  private groups = new Map<string, Placed[]>();
  private painters = new Map<string, Painter>();
  private queued = false;

  constructor(
    private viewer: Viewer,
    container: HTMLElement,
  ) {
    this.canvas.className = "overlay";
    this.canvas.setAttribute("aria-hidden", "true");
    container.append(this.canvas);
    viewer.scene.postRender.addEventListener(() => this.draw());
    new ResizeObserver(() => this.soon()).observe(container);
  }

  /** Replaces the shapes of a group. */
  set(group: string, shapes: Shape[]): void {
    this.groups.set(group, shapes.map((shape) => ({ shape, points: shape.points.map((at) => this.viewer.cartesian(at, 0)) })));
    this.soon();
  }

  paint(name: string, painter: Painter | null): void {
    if (painter) this.painters.set(name, painter);
    else this.painters.delete(name);
    this.soon();
  }

  soon(): void {
    if (this.queued) return;
    this.queued = true;
    requestAnimationFrame(() => this.draw());
  }

  draw(): void {
    this.queued = false;
    const [width, height] = [this.viewer.canvas.clientWidth, this.viewer.canvas.clientHeight];
    const dots = Math.min(devicePixelRatio, 2);
    if (this.canvas.width !== Math.round(width * dots)) this.canvas.width = Math.round(width * dots);
    if (this.canvas.height !== Math.round(height * dots)) this.canvas.height = Math.round(height * dots);
    const pen = this.canvas.getContext("2d")!;
    pen.setTransform(dots, 0, 0, dots, 0, 0);
    pen.clearRect(0, 0, width, height);
    const visible = this.viewer.horizon();
    const project = (point: Cartesian3): Point | null => (visible(point) ? this.viewer.screen(point) : null);
    for (const group of this.groups.values()) for (const placed of group) trace(pen, placed, project);
    const where = (lat: number, lon: number, metres = 0): Point | null => project(this.viewer.cartesian([lat, lon], metres));
    for (const [name, painter] of this.painters) {
      pen.save();
      // Shapes are redrawn each frame: one that fails would fail again each time.
      if (!attempt(`What is drawn over the globe (${name})`, () => painter(pen, where))) this.painters.delete(name);
      pen.restore();
    }
  }
}

interface Placed {
  shape: Shape;
  points: Cartesian3[];
}

function trace(pen: CanvasRenderingContext2D, { shape, points }: Placed, project: (point: Cartesian3) => Point | null): void {
  const path = new Path2D();
  let [open, top] = [false, null as Point | null];
  for (const point of points) {
    const at = project(point);
    if (!at) open = false;
    else {
      if (open) path.lineTo(at.x, at.y);
      else path.moveTo(at.x, at.y);
      open = true;
      if (!top || at.y < top.y) top = at;
    }
  }
  pen.setLineDash([]);
  pen.lineJoin = "round";
  if (shape.fill) {
    pen.fillStyle = shape.fill;
    pen.fill(path, "evenodd");
  }
  pen.setLineDash(shape.dash ?? []);
  if (shape.halo) {
    pen.strokeStyle = shape.halo;
    pen.lineWidth = (shape.width ?? 1.5) + 2.5;
    pen.stroke(path);
  }
  pen.strokeStyle = shape.stroke;
  pen.lineWidth = shape.width ?? 1.5;
  pen.stroke(path);
  if (shape.label && top) caption(pen, shape.label, top, shape.stroke, shape.halo ?? "transparent");
}

/** A label above a point, with a halo. */
export function caption(pen: CanvasRenderingContext2D, text: string, at: Point, colour: string, halo: string, size = 12): void {
  pen.save();
  pen.setLineDash([]);
  pen.font = `600 ${size}px system-ui, sans-serif`;
  pen.textAlign = "center";
  pen.lineWidth = 3.5;
  pen.lineJoin = "round";
  pen.strokeStyle = halo;
  pen.strokeText(text, at.x, at.y - 7);
  pen.fillStyle = colour;
  pen.fillText(text, at.x, at.y - 7);
  pen.restore();
}
