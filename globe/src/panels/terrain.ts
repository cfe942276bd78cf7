// Over which ground: that of the answer, or of the raid that plays. The label stands over the globe, always in sight.
import { el } from "../dom";

export class TerrainLabel {
  readonly element = el("p", { id: "terrain" });
  private ofSky = "";
  private ofRaid: string | null = null;

  sky(label: string): void {
    this.ofSky = label;
    this.show();
  }

  /** Null where no raid plays; empty while it is not known yet. */
  raid(label: string | null): void {
    this.ofRaid = label;
    this.show();
  }

  private show(): void {
    const label = this.ofRaid ?? this.ofSky;
    this.element.textContent = label && `Terrain: ${label}`;
  }
}
