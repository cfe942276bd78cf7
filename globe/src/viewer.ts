// The globe: one Cesium scene without network access, with conversions between places and screen positions.
import {
  Cartesian2,
  Cartesian3,
  Cartographic,
  Color,
  Credit,
  CreditDisplay,
  Ellipsoid,
  Globe,
  HeadingPitchRange,
  ImageryLayer,
  IntersectionTests,
  JulianDate,
  Math as Degrees,
  Matrix4,
  type PerspectiveFrustum,
  Ray,
  Rectangle,
  Scene,
  Transforms,
} from "@cesium/engine";
import { Backdrop, terrain } from "./backdrop";
import { attempt } from "./broken";
import { begin, done } from "./busy";
import { calm } from "./dom";
import { wrapped } from "./geodesy";
import { PALETTES, type Palette } from "./palette";
import type { Camera, Theme } from "./state";
import type { LatLon, Lines } from "./types";

/** Degrees; east may be above 180. */
export interface Box {
  west: number;
  south: number;
  east: number;
  north: number;
}

export interface Point {
  x: number;
  y: number;
}

/** Members that Cesium's own widget uses and its type declarations omit. */
type Undeclared = Scene & { initializeFrame(): void; pixelRatio: number };

const FLIGHT_S = 1.4;
const LIVELY_MS = 600;
const DOZE_MS = 40;
/** Delay between a failed frame and the next. */
const BROKEN_MS = 1_000;
const scratch = new Cartesian2();

export class Viewer {
  readonly scene: Scene;
  private backdrop: Backdrop;
  private base: ImageryLayer | null = null;
  private theme: Theme = "light";
  private now = JulianDate.fromIso8601("2020-01-01T00:00:00Z");

  constructor(
    private container: HTMLElement,
    lines: Lines,
  ) {
    const canvas = document.createElement("canvas");
    canvas.tabIndex = 0;
    canvas.setAttribute("aria-label", "Globe: arrow keys move it, Page Up and Page Down zoom");
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
    container.append(canvas);
    // No logo is fetched, and without a sun the tables of Earth orientation are not needed.
    CreditDisplay.cesiumCredit = new Credit("CesiumJS");
    Object.assign(Transforms, { computeIcrfToFixedMatrix: () => undefined, computeIcrfToCentralBodyFixedMatrix: Transforms.computeTemeToPseudoFixedMatrix });
    this.backdrop = new Backdrop(lines, () => this.palette);
    this.scene = new Scene({
      canvas,
      creditContainer: document.createElement("div"),
      scene3DOnly: true,
      requestRenderMode: true,
      maximumRenderTimeChange: Number.POSITIVE_INFINITY,
      msaaSamples: 1,
    });
    this.furnish();
    this.run();
  }

  private furnish(): void {
    const { scene } = this;
    scene.globe = new Globe(Ellipsoid.WGS84);
    scene.terrainProvider = terrain();
    scene.fog.enabled = false;
    scene.globe.showGroundAtmosphere = false;
    scene.globe.tileCacheSize = 200;
    scene.screenSpaceCameraController.minimumZoomDistance = 2_000;
    scene.screenSpaceCameraController.maximumZoomDistance = 3e7;
    scene.globe.tileLoadProgressEvent.addEventListener((left: number) => (left ? begin("tiles") : done("tiles")));
  }

  /** Draws every frame for a while after a change; otherwise only checks from time to time whether there is one. */
  private run(): void {
    let drawn = performance.now();
    this.scene.postRender.addEventListener(() => (drawn = performance.now()));
    this.scene.rethrowRenderErrors = true;
    const draw = (): void => {
      this.fit();
      (this.scene as Undeclared).initializeFrame();
      this.scene.render(this.now);
    };
    const frame = (): void => {
      if (!attempt("The globe", draw)) setTimeout(frame, BROKEN_MS);
      else if (performance.now() - drawn < LIVELY_MS) requestAnimationFrame(frame);
      else setTimeout(frame, DOZE_MS);
    };
    frame();
  }

  private fit(): void {
    const { scene, canvas } = this;
    const dots = Math.min(devicePixelRatio, 2);
    const [width, height] = [this.container.clientWidth, this.container.clientHeight];
    if (!width || !height || (canvas.width === Math.round(width * dots) && canvas.height === Math.round(height * dots))) return;
    canvas.width = Math.round(width * dots);
    canvas.height = Math.round(height * dots);
    (scene as Undeclared).pixelRatio = dots;
    (scene.camera.frustum as PerspectiveFrustum).aspectRatio = width / height;
    this.render();
  }

  get palette(): Palette {
    return PALETTES[this.theme];
  }

  get canvas(): HTMLCanvasElement {
    return this.scene.canvas;
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
    const { scene } = this;
    const sea = this.palette.sea;
    scene.backgroundColor = Color.fromCssColorString(this.palette.space);
    scene.globe.baseColor = new Color(sea[0] / 255, sea[1] / 255, sea[2] / 255);
    const before = this.base;
    this.base = new ImageryLayer(this.backdrop.imagery(), {});
    scene.imageryLayers.add(this.base, 0);
    if (before) scene.imageryLayers.remove(before);
    this.render();
  }

  render(): void {
    this.scene.requestRender();
  }

  /** Draws immediately, for an image of the view. */
  renderNow(): void {
    this.render();
    this.scene.render(this.now);
  }

  // ------------------------------------------------------------------------------------------------------- places and screens

  cartesian(at: LatLon, metres?: number): Cartesian3 {
    const place = Cartographic.fromDegrees(at[1], at[0]);
    const ground = metres ?? this.scene.globe.getHeight(place) ?? 0;
    return Cartesian3.fromRadians(place.longitude, place.latitude, ground);
  }

  /** A test whether a point is not hidden by the Earth: by the tangent cone, with the ellipsoid scaled to a unit sphere. */
  horizon(): (point: Cartesian3) => boolean {
    const toSphere = Ellipsoid.WGS84.oneOverRadii;
    const eye = Cartesian3.multiplyComponents(this.scene.camera.positionWC, toSphere, new Cartesian3());
    const tangent = Cartesian3.magnitudeSquared(eye) - 1;
    const ray = new Cartesian3();
    return (point) => {
      Cartesian3.subtract(Cartesian3.multiplyComponents(point, toSphere, ray), eye, ray);
      const along = -Cartesian3.dot(ray, eye);
      return along <= tangent || (along * along) / Cartesian3.magnitudeSquared(ray) <= tangent;
    };
  }

  screen(point: Cartesian3): Point | null {
    const found = this.scene.cartesianToCanvasCoordinates(point, scratch);
    return found ? { x: found.x, y: found.y } : null;
  }

  screenOf(lat: number, lon: number): Point | null {
    const point = this.cartesian([lat, lon]);
    return this.horizon()(point) ? this.screen(point) : null;
  }

  placeOf(x: number, y: number): { lat: number; lon: number } | null {
    const { camera, globe } = this.scene;
    const ray = camera.getPickRay(new Cartesian2(x, y));
    if (!ray) return null;
    let place: Cartographic | null = null;
    // The intersection with the ground is that with the ellipsoid raised to the ground's height.
    for (let round = 0; round < 3; round += 1) {
      const metres = (place && globe.getHeight(place)) ?? 0;
      const { x: a, z: b } = Ellipsoid.WGS84.radii;
      const hit = IntersectionTests.rayEllipsoid(ray, new Ellipsoid(a + metres, a + metres, b + metres));
      if (!hit) break;
      place = Cartographic.fromCartesian(Ray.getPoint(ray, hit.start));
    }
    return place && { lat: Degrees.toDegrees(place.latitude), lon: Degrees.toDegrees(place.longitude) };
  }

  middle(): LatLon {
    const found = this.placeOf(this.canvas.clientWidth / 2, this.canvas.clientHeight / 2);
    return found ? [found.lat, found.lon] : this.cameraNow().at;
  }

  // ------------------------------------------------------------------------------------------------------------------- camera

  cameraNow(): Camera {
    const camera = this.scene.camera;
    const ray = camera.getPickRay(new Cartesian2(this.canvas.clientWidth / 2, this.canvas.clientHeight / 2));
    const target = (ray && camera.pickEllipsoid(new Cartesian2(this.canvas.clientWidth / 2, this.canvas.clientHeight / 2))) || null;
    const under = Cartographic.fromCartesian(target ?? camera.positionWC);
    const km = target ? Cartesian3.distance(target, camera.positionWC) / 1000 : camera.positionCartographic.height / 1000;
    return {
      at: [Degrees.toDegrees(under.latitude), Degrees.toDegrees(under.longitude)],
      km,
      heading: Degrees.toDegrees(camera.heading) % 360,
      pitch: Degrees.toDegrees(camera.pitch),
    };
  }

  setCamera(to: Camera): void {
    const camera = this.scene.camera;
    const offset = new HeadingPitchRange(Degrees.toRadians(to.heading), Degrees.toRadians(to.pitch), to.km * 1000);
    camera.lookAt(Cartesian3.fromDegrees(to.at[1], to.at[0]), offset);
    camera.lookAtTransform(Matrix4.IDENTITY);
    this.render();
  }

  /** Shows a box of degrees. */
  fly({ west, south, east, north }: Box): void {
    const [across, up] = [(east - west) * 0.12 + 0.2, (north - south) * 0.12 + 0.2];
    const [left, right] = east - west + 2 * across < 360 ? [wrapped(west - across), wrapped(east + across)] : [-180, 180];
    const box = Rectangle.fromDegrees(left, Math.max(south - up, -90), right, Math.min(north + up, 90));
    this.scene.camera.flyTo({ destination: box, duration: calm() ? 0 : FLIGHT_S });
    this.render();
  }

  /** Zooms, and turns about the centre, as keys do. */
  zoom(factor: number): void {
    const now = this.cameraNow();
    this.setCamera({ ...now, km: Math.min(Math.max(now.km * factor, 3), 30_000) });
  }

  pan(across: number, up: number): void {
    const now = this.cameraNow();
    const step = Math.min(now.km / 111 / 8, 20);
    const lat = Math.min(Math.max(now.at[0] + up * step, -85), 85);
    this.setCamera({ ...now, at: [lat, now.at[1] + (across * step) / Math.max(Math.cos(Degrees.toRadians(lat)), 0.1)] });
  }
}
