// Moves the camera to a country or to a shipped scenario.
import { api, Refused } from "./api";
import { begin, done } from "./busy";
import { boxOf } from "./geodesy";
import type { Ports } from "./ports";
import type { MapRequest } from "./types";

export class Travel {
  private examplesAsked = 0;

  constructor(private page: Pick<Ports, "about" | "state" | "camera" | "say">) {}

  toCountry(iso3: string): void {
    const country = this.page.about.countries.find((one) => one.iso3 === iso3);
    if (country) this.page.camera.fly(country);
  }

  /** Shows the request of a shipped scenario on the globe. */
  async toExample(example: string, variant: string | null): Promise<void> {
    begin("example");
    const asked = ++this.examplesAsked;
    try {
      const look = await api.lookOf(example, variant);
      if (asked !== this.examplesAsked) return; // another one was chosen meanwhile
      this.page.state.set({ look, selected: null, play: null });
      if (look.country) this.toCountry(look.country);
      else this.toUnits(look);
    } catch (error) {
      this.page.say(error instanceof Refused ? error.message : "The server did not answer.");
    } finally {
      if (asked === this.examplesAsked) done("example");
    }
  }

  private toUnits(look: MapRequest): void {
    const places = [...look.units.map((unit) => unit.at), ...(look.outline ?? [])];
    if (!places.length) return;
    const { west, south, east, north } = boxOf(places);
    this.page.camera.fly({ west: west - 1, south: south - 1, east: east + 1, north: north + 1 });
  }
}
