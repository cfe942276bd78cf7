// The coverage map on the globe: one image over its box, or two if the antimeridian cuts it. The old one stays until the new one is loaded.
import { Event as CesiumEvent, GeographicTilingScheme, ImageryLayer, type ImageryProvider, Rectangle } from "@cesium/engine";
import { begin, done } from "./busy";
import { cut, paint, type Piece, type Raster } from "./raster";
import type { Layer } from "./state";
import type { Viewer } from "./viewer";

/** Opacity while loading: at 0 nothing would be drawn and little loaded. */
const UNSEEN = 0.004;
/** Frames during which Cesium may not yet have registered pending loads. */
const FIRST_FRAMES = 3;

export class Sky {
  private shown: ImageryLayer[] = [];
  private coming: ImageryLayer[] = [];
  private frames = 0;
  private hidden = false;

  constructor(private viewer: Viewer) {
    viewer.scene.globe.tileLoadProgressEvent.addEventListener(() => this.swap());
    viewer.scene.postRender.addEventListener(() => this.swap());
  }

  /** Paints a raster, or nothing. If that fails, the old one is removed too: it would be mistaken for the new one. */
  show(raster: Raster | null, layer: Layer): void {
    this.remove(this.coming.splice(0));
    if (!raster) {
      this.remove(this.shown.splice(0));
      done("sky");
      return this.viewer.render();
    }
    begin("sky");
    try {
      for (const piece of cut(raster, paint(raster, layer, this.viewer.palette))) this.add(piece);
    } catch (error) {
      this.show(null, layer);
      throw error;
    }
    this.frames = 0;
    this.viewer.render();
  }

  private add(piece: Piece): void {
    const layer = new ImageryLayer(picture(piece), { alpha: this.shown.length ? UNSEEN : 1, show: !this.hidden });
    this.coming.push(layer);
    this.viewer.scene.imageryLayers.add(layer);
  }

  private remove(layers: ImageryLayer[]): void {
    for (const layer of layers) this.viewer.scene.imageryLayers.remove(layer);
  }

  /** Replaces the old image by the new one once that is fully drawn. */
  private swap(): void {
    if (!this.coming.length) return;
    this.viewer.render();
    this.frames += 1;
    if (this.frames < FIRST_FRAMES || !this.viewer.scene.globe.tilesLoaded) return;
    this.remove(this.shown);
    this.shown = this.coming.splice(0);
    for (const layer of this.shown) layer.alpha = 1;
    done("sky");
  }

  /** Hides the map, including images that arrive meanwhile. */
  hide(hidden: boolean): void {
    if (this.hidden === hidden) return;
    this.hidden = hidden;
    for (const layer of [...this.shown, ...this.coming]) layer.show = !hidden;
    this.viewer.render();
  }
}

function picture({ canvas, west, south, east, north }: Piece): ImageryProvider {
  const rectangle = Rectangle.fromDegrees(west, south, east, north);
  const provider = {
    rectangle,
    tilingScheme: new GeographicTilingScheme({ rectangle, numberOfLevelZeroTilesX: 1, numberOfLevelZeroTilesY: 1 }),
    tileWidth: canvas.width,
    tileHeight: canvas.height,
    minimumLevel: 0,
    maximumLevel: 0,
    tileDiscardPolicy: undefined,
    errorEvent: new CesiumEvent(),
    credit: undefined,
    proxy: undefined,
    hasAlphaChannel: true,
    getTileCredits: () => [],
    pickFeatures: () => undefined,
    requestImage: () => Promise.resolve(canvas),
  };
  return provider as unknown as ImageryProvider;
}
