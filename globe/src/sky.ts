// The map of the sky on the globe: one picture over its box. The old one stays until the new one is there.
import { Event as CesiumEvent, GeographicTilingScheme, ImageryLayer, type ImageryProvider, Rectangle } from "@cesium/engine";
import { begin, done } from "./busy";
import type { Palette } from "./palette";
import { paint, type Sheet } from "./plate";
import type { Layer } from "./state";
import type { Viewer } from "./viewer";

/** Nothing is drawn at 0, and little is loaded. */
const UNSEEN = 0.004;

export class Sky {
  sheet: Sheet | null = null;
  private shown: ImageryLayer | null = null;
  private coming: ImageryLayer | null = null;

  constructor(private viewer: Viewer) {
    viewer.scene.globe.tileLoadProgressEvent.addEventListener(() => this.swap());
    viewer.scene.postRender.addEventListener(() => this.swap());
  }

  show(sheet: Sheet | null, layer: Layer, palette: Palette): void {
    this.sheet = sheet;
    const { imageryLayers } = this.viewer.scene;
    if (!sheet && !this.shown && !this.coming) return;
    if (this.coming) imageryLayers.remove(this.coming);
    this.coming = null;
    if (!sheet) {
      if (this.shown) imageryLayers.remove(this.shown);
      this.shown = null;
      done("sky");
    } else {
      begin("sky");
      const made = new ImageryLayer(picture(sheet, paint(sheet, layer, palette)), { alpha: this.shown ? UNSEEN : 1 });
      imageryLayers.add(made);
      this.coming = made;
      this.drawn = 0;
    }
    this.viewer.render();
  }

  private drawn = 0;

  /** The new picture takes the place of the old one once it is drawn wherever it should be. */
  private swap(): void {
    if (!this.coming) return;
    this.viewer.render();
    this.drawn += 1;
    if (this.drawn < 3 || !this.viewer.scene.globe.tilesLoaded) return;
    if (this.shown) this.viewer.scene.imageryLayers.remove(this.shown);
    this.shown = this.coming;
    this.shown.alpha = 1;
    this.coming = null;
    done("sky");
  }

  /** Faded while it is not what is asked about. */
  fade(faded: boolean): void {
    const alpha = faded ? 0.35 : 1;
    if (!this.shown || this.shown.alpha === alpha) return;
    this.shown.alpha = alpha;
    this.viewer.render();
  }

  hide(hidden: boolean): void {
    if (!this.shown || this.shown.show === !hidden) return;
    this.shown.show = !hidden;
    this.viewer.render();
  }
}

function picture(sheet: Sheet, canvas: HTMLCanvasElement): ImageryProvider {
  const { west, south, east, north } = sheet.plate;
  const rectangle = Rectangle.fromDegrees(west, south, east > 180 ? east - 360 : east, north);
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
