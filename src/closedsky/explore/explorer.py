"""Requests of the globe: turns a view (`MapRequest`) into a scenario, and that into a quick answer, a full answer or a scenario file."""

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from closedsky import api
from closedsky.catalogue.figures import used
from closedsky.catalogue.library import Catalogue
from closedsky.coverage import answer as coverage
from closedsky.coverage import request as coverage_request
from closedsky.coverage.asked import measured
from closedsky.coverage.kept import Kept
from closedsky.errors import Fault, RequestError
from closedsky.explore import raster
from closedsky.explore.summaries import about
from closedsky.footprint.answer import defended_footprint
from closedsky.footprint.report import defended_rings
from closedsky.footprint.request import FootprintRequest
from closedsky.geo.land import land
from closedsky.model.globe import (
    MOST_ASSETS,
    About,
    AssetAt,
    FootprintMap,
    FootprintMapRequest,
    FullAnswer,
    MapRaster,
    MapRequest,
    QuickAnswer,
    UnitAt,
)
from closedsky.model.scenario import Cover
from closedsky.model.sky import SkyAnswer
from closedsky.progress import Progress
from closedsky.scenario.coast import at_sea
from closedsky.scenario.load import known_variants, world_shore

COUNT_TO = 8
"""Number up to which opportunities are counted on the map."""
KEPT_BYTES = 640 << 20
"""Size of the cache of results of earlier requests: sixty S-400 on a map of two million cells take about 450 MiB."""
MOST_CELLS = 5_000_000
_SIZES_M = (500.0, 1_000.0, 2_000.0, 3_000.0, 5_000.0, 10_000.0, 20_000.0, 50_000.0)
_ROUND_M = 800_000.0
"""Margin of a map beyond its units and its country, m, both sides together."""
_TRACKED, _ENGAGEABLE, _CLOSED, _UNDERGROUND, _OPPORTUNITIES = 1, 2, 4, 8, 4
_UNSEEN = -1
_HIGHEST = 32_767.0


class Explorer:
    """Answers map requests over the terrains given by name; each is named as on the command line: world, flat, glo90, glo30 or a raster.

    Intermediate results are cached: the full answer reuses the quick one, and a quick answer reuses that of a similar request, such as
    one in which one of many units was moved.
    """

    def __init__(
        self, catalogue: Catalogue, terrains: Mapping[str, str], threads: int | None = None, kept_bytes: int = KEPT_BYTES
    ) -> None:
        self.catalogue, self.terrains, self.threads = catalogue, dict(terrains), threads
        self.kept = Kept(kept_bytes)
        self._examples: dict[str, api.Loaded] = {}

    def about(self, version: str) -> About:
        """The systems, threats, countries, scenarios, claims and terrains to choose from."""
        return about(self.catalogue, self.terrains, version)

    def quick(self, look: MapRequest, step: Progress | None = None) -> QuickAnswer:
        """The map and the shares, with figures as chosen. Raises ClosedskyError for a request that cannot be answered.

        `step` reports progress; an exception that it raises ends the calculation.
        """
        return self._quick(self._see(look, step))

    def answer(self, look: MapRequest, step: Progress | None = None) -> FullAnswer:
        """The full answer: low, likely and high, the roses of the assets, and the map on as many headings as it took.

        `step` as in `quick`. Coarse terrain is taken as it is: what statistical relief makes of it takes longer (`over_relief`).
        """
        full = self._full(look, step)
        seen = replace(self._see(look, step), cells=full.cells, map=full.map)
        return FullAnswer(map=self._quick(seen), answer=full.answer)

    def over_relief(self, look: MapRequest, step: Progress | None = None) -> SkyAnswer:
        """The full answer with statistical relief in its ranges, where the terrain is coarse. `step` as in `quick`."""
        return self.kept.made(("relief", look), lambda: self._over_relief(look, step))

    def _over_relief(self, look: MapRequest, step: Progress | None) -> SkyAnswer:
        seen = self._see(look, step)
        return coverage.answer_over_relief(replace(seen.asked, progress=step), self._full(look, step))

    def _quick(self, seen: coverage.Seen) -> QuickAnswer:
        asked, brochure = seen.asked, coverage.circled(seen)
        counted = used(figure for _, figure in asked.situation.figures())
        return QuickAnswer(
            raster=self._raster(seen),
            level=measured(seen.map, 0, asked.levels_m[0], seen.cells, seen.inside),
            afloat=tuple(item.id for item in asked.situation.scenario.defence if item.offshore),
            terrain_label=asked.terrain.label(),
            assumed=counted.count,
            figures=counted.of,
            by_grade=counted.by_grade,
            credits=tuple(coverage_request.credits(asked)),
            **coverage.common_fields(seen, brochure),
        )

    def footprint(self, look: FootprintMapRequest) -> FootprintMap:
        """The defended footprint of a unit against a ballistic missile from one azimuth, low, likely and high; polygons of the likely."""
        request = FootprintRequest(
            look.system, look.at, look.heading_deg, look.threat, azimuths=(look.from_deg,), opportunities=look.opportunities,
            terrain=self._terrain_named(look.terrain),
        )  # fmt: skip
        made = defended_footprint(request, self.catalogue, self.threads)
        rings = defended_rings(made.answer, {key: (one.along_m, one.right_m, one.counts) for key, one in made.surveys.items()})
        return FootprintMap(answer=made.answer, areas=rings)

    def scenario_text(self, look: MapRequest) -> str:
        """The scenario file (YAML) with which `closedsky cover` gives the same numbers."""
        data = self._scenario(look)
        self._load(data)
        head, terrain = "# A look at the globe, to be asked again: closedsky cover FILE\n", data["environment"]["terrain"]
        if isinstance(terrain, dict) and "file" in terrain:  # the server's folders are not disclosed
            data["environment"]["terrain"] = {"file": Path(terrain["file"]).name}
            head += "# The terrain has to lie beside this file.\n"
        return head + str(yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=120))

    def look_of(self, example: str, variant: str | None = None) -> MapRequest:
        """The map request of a shipped scenario's `cover`, at the middle one of its levels."""
        loaded = self._example(example)
        name = variant or next(iter(loaded.variants))
        known_variants(loaded, [name])
        scenario = loaded.variants[name]
        cover = scenario.cover or Cover()
        levels = cover.heights_m or cover.altitudes_m or (MapRequest().level_m,)
        return MapRequest(
            units=tuple(UnitAt(id=item.id, system=item.system, at=item.at, heading_deg=item.heading_deg) for item in scenario.defence),
            assets=tuple(AssetAt(id=item.id, at=item.at) for item in scenario.assets[:MOST_ASSETS]),
            target=cover.target, level_m=levels[len(levels) // 2], above="sea" if cover.altitudes_m else "ground",
            opportunities=min(cover.opportunities, COUNT_TO), together=cover.together, country=cover.country, outline=cover.outline,
            cell_m=max(cover.cell_m, 500.0), example=example, variant=name,
        )  # fmt: skip

    def _raster(self, seen: coverage.Seen) -> MapRaster:
        """The map on a grid of latitude and longitude, packed."""
        layer, found = seen.map.layers[0], seen.map
        marks = (
            _TRACKED * layer.tracked.view(np.uint8)
            + _ENGAGEABLE * layer.engaged.view(np.uint8)
            + _CLOSED * found.closed(0).view(np.uint8)
            + _UNDERGROUND * found.underground(0).view(np.uint8)
            + (np.minimum(layer.opportunities, COUNT_TO) << _OPPORTUNITIES)
        )
        above_m = np.clip(found.floor_m - found.ground_m, 0.0, _HIGHEST)
        floor = np.where(np.isnan(above_m), np.float32(_UNSEEN), above_m).astype(np.int16)
        grid = seen.known.made("degrees", None, lambda: raster.in_degrees(seen.cells))
        rows, columns = grid.cell.shape
        return MapRaster(
            west=grid.west, south=grid.south, east=grid.east, north=grid.north, rows=rows, columns=columns,
            marks=raster.packed(grid.read(marks, 0)), floor=raster.packed(grid.read(floor, _UNSEEN)),
        )  # fmt: skip

    # ------------------------------------------------------------------------------------------------- from a request to a map

    def _see(self, look: MapRequest, step: Progress | None = None) -> coverage.Seen:
        known: coverage.Seen | None = self.kept.get(look)
        if known is not None:
            return known
        loaded = self._load(self._scenario(look))
        seen = coverage.seen(coverage_request.asked(loaded, threads=self.threads, progress=step), COUNT_TO, self.kept)
        self.kept.forget(lambda one: isinstance(one, coverage.Seen) and one.asked.terrain is not seen.asked.terrain)
        return self.kept.put(look, replace(seen, asked=replace(seen.asked, progress=None)))

    def _full(self, look: MapRequest, step: Progress | None) -> coverage.Sky:
        """The full answer over the terrain as it is, with its map."""

        def made() -> coverage.Sky:
            seen = self._see(look, step)
            full = coverage.settled(replace(seen, asked=replace(seen.asked, progress=step)), COUNT_TO)
            return coverage.full_answer(full, draws=0, relief=False)

        return self.kept.made(("full", look), made)

    def _load(self, data: dict[str, Any]) -> api.Loaded:
        return api.load(data, self.catalogue)

    def _example(self, name: str) -> api.Loaded:
        if name not in api.examples():
            raise RequestError(Fault(f"'{name}' is no shipped example", "example", f"examples: {', '.join(api.examples())}"))
        if name not in self._examples:
            self._examples[name] = api.load(name, self.catalogue)
        return self._examples[name]

    def _scenario(self, look: MapRequest) -> dict[str, Any]:
        """The scenario data of a request: those of its example, if it has one, with the fields of the request replaced."""
        base: dict[str, Any] = {"closedsky": 1, "name": "look", "title": "A look at the globe"}
        given: dict[str, dict[str, Any]] = {}
        if look.example is not None:
            loaded = self._example(look.example)
            name = look.variant or next(iter(loaded.variants))
            known_variants(loaded, [name])
            base = loaded.variants[name].model_dump(mode="json", exclude_unset=True)
            given = {item["id"]: item for item in base.get("defence", [])}
        terrain = coverage_request.terrain_spec(self._terrain_named(look.terrain))
        return {
            **{key: value for key, value in base.items() if key not in ("raid", "variants", "reported", "shows_not", "summary")},
            "environment": {**base.get("environment", {}), "terrain": terrain},
            "assets": [self._placed(asset.model_dump(mode="json"), terrain) for asset in look.assets],
            "defence": [self._placed(_unit(unit, given.get(unit.id, {})), terrain) for unit in look.units],
            "cover": _cover(look),
        }

    def _terrain_named(self, name: str) -> str:
        """The terrain of this name as named on the command line; RequestError if there is none."""
        if name not in self.terrains:
            raise RequestError(Fault(f"there is no terrain '{name}' here", "terrain", f"terrains: {', '.join(self.terrains)}"))
        return self.terrains[name]

    def _placed(self, item: dict[str, Any], terrain: str | dict[str, str]) -> dict[str, Any]:
        """A unit or an asset, marked offshore if its place is at sea and it is not on a ship already."""
        system = item.get("system", "")
        a_ship = system in self.catalogue.systems and self.catalogue.system(system).platform == "ship"
        afloat = terrain != "flat" and not a_ship and at_sea(world_shore(), *item["at"])
        return {**item, "offshore": True} if afloat else item


def _unit(unit: UnitAt, given: dict[str, Any]) -> dict[str, Any]:
    """A unit as in a scenario; other fields of its example are kept if the system is the same."""
    kept = {key: value for key, value in given.items() if key != "heading_deg"} if given.get("system") == unit.system else {}
    return {**kept, **unit.model_dump(mode="json", exclude_none=True)}


def _cover(look: MapRequest) -> dict[str, Any]:
    """The `cover` of a request."""
    data = look.model_dump(mode="json", exclude_none=True, include={"target", "opportunities", "together", "country", "outline"})
    return {**data, "heights_m" if look.above == "ground" else "altitudes_m": [look.level_m], "cell_m": _cell_m(look)}


def _cell_m(look: MapRequest) -> float:
    """Cell size, m: the least of a few sizes that is at least the one requested and gives about `MOST_CELLS` cells at most."""
    points = np.array([*(unit.at for unit in look.units), *(look.outline or ())], np.float64).reshape(-1, 2)
    lat, lon = points[:, 0], points[:, 1]
    boxes = [(lon.min(), lat.min(), lon.max(), lat.max())] if lat.size else []
    if look.country is not None:
        west, south, east, north = land().bounds(look.country)
        boxes.append((west, south, east if east > west else east + 360.0, north))
    wide, high = (max((box[k + 2] for box in boxes), default=0.0) - min((box[k] for box in boxes), default=0.0) for k in (0, 1))
    middle = math.radians(float(np.clip(np.mean([box[1] + box[3] for box in boxes or [(0, 0, 0, 0)]]) / 2.0, -80.0, 80.0)))
    area_m2 = (111_195.0 * wide * math.cos(middle) + _ROUND_M) * (111_195.0 * high + _ROUND_M)
    return next((size for size in _SIZES_M if size >= look.cell_m and area_m2 <= MOST_CELLS * size**2), _SIZES_M[-1])
