// The map of the sky on the globe: a picture over its box, or two where the antimeridian cuts it. The old one stays until the new one is there.
import { Event as CesiumEvent, GeographicTilingScheme, ImageryLayer, type ImageryProvider, Rectangle } from "@cesium/engine";
import { begin, done } from "./busy";
import { cut, paint, type Piece, type Raster } from "./raster";
import type { Layer } from "./state";
import type { Viewer } from "./viewer";

/** Nothing is drawn at 0, and little is loaded. */
const UNSEEN = 0.004;
/** Frames in which Cesium may not yet know that there is something to load. */
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

  /** Paints a raster, or nothing. Where that fails the old one goes as well: it would be taken for the new one. */
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

  /** The new picture takes the place of the old one once it is drawn wherever it should be. */
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

  /** Out of sight, and what comes meanwhile as well. */
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
