"""A defended footprint as text and as GeoJSON."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from pyproj import Geod

from closedsky.catalogue.words import grades_in_words, uncertain_in_words
from closedsky.errors import Fault, OutputError
from closedsky.model.footprint import Defended, FootprintAnswer
from closedsky.page import NOTHING, Column, Item, Part, Table, printed

Floats = npt.NDArray[np.float64]
Maps = Mapping[tuple[str, float], tuple[Floats, Floats, npt.NDArray[np.int64]]]
"""By end and azimuth: centres of the cells, m towards the azimuth and m to the right of it, and opportunities in each cell."""

_GEOD = Geod(ellps="WGS84")
_ENDS = "low", "likely", "high"


# ---------------------------------------------------------------- text


ALIKE = 0.05
"""Azimuths share a row of the text if none of their areas and extents differ by more than this share of the greatest, or by one cell."""


def footprint_text(answer: FootprintAnswer, width: int = 80) -> str:
    """The answer as a table, with its assumptions and warnings; no line longer than `width`."""
    return printed(_page(answer), width)


def _page(answer: FootprintAnswer) -> Iterator[Part]:
    unit, threat = answer.unit, answer.threat
    apogee = "minimum energy" if threat.apogee_km is None else f"apogee {threat.apogee_km:g} km"
    many = "1 opportunity" if answer.opportunities == 1 else f"{answer.opportunities} opportunities"
    together = "" if answer.together == 1 else f", for each of {answer.together} that arrive together"
    yield f"Defended footprint of {unit.name} at {unit.at[0]:g}, {unit.at[1]:g}"
    yield f"against {threat.name} over {threat.range_km:g} km, {apogee}; arrives at {threat.arrival_mps:.0f} m/s"
    yield f"at least {many} before impact{together}"
    yield ""
    yield "Defended area, km²: low, likely and high. How far the likely one reaches, km."
    yield ""
    heads = ("low", "likely", "high", "ahead", "behind", "left", "right")
    rows = [_row(group, len(answer.likely)) for group in alike(answer)]
    yield Table([Column("from", "prose"), *map(Column, heads)], rows)
    for end in _ENDS:
        why = {row.why_none for row in getattr(answer, end) if row.why_none}
        if why:
            yield f"{end}, where nothing is defended: {'; '.join(sorted(why))}"
    yield ""
    yield from (Item(text, "!") for text in answer.warnings)
    if any(len(group) > 1 for group in alike(answer)):
        yield Item(f"Azimuths of one row differ by {100 * ALIKE:g} % or one cell at most; --json has each by itself.")
    yield Item("Low, likely, high: every figure at its end favouring the attacker, as chosen, favouring the defender.")
    yield Item(
        f"The published range against ballistic missiles, {unit.intercept_range_km:g} km, limits the intercept and is no footprint; "
        f"the circle of that radius has {math.pi * unit.intercept_range_km**2:,.0f} km²."
    )
    if unit.sector_deg < 360.0:
        yield Item(_facing(answer))
    yield Item(f"Terrain: {answer.terrain.label}. Cells of {answer.cell_km:g} km. Catalogue {answer.catalogue_hash}.")
    yield Item(uncertain_in_words(answer.assumed))
    yield Item(f"By grade: {grades_in_words(answer.assumed.by_grade)}.")


Ends = tuple[Defended, Defended, Defended]
"""What is defended from one azimuth: low, likely, high."""


def alike(answer: FootprintAnswer) -> list[list[Ends]]:
    """The azimuths in groups of which no two differ by more than ALIKE or one cell: each joins the first that it is like throughout."""
    groups: list[list[Ends]] = []
    for ends in zip(answer.low, answer.likely, answer.high, strict=True):
        found = next((group for group in groups if _are_alike([*group, ends], answer.cell_km)), None)
        if found is None:
            groups.append([ends])
        else:
            found.append(ends)
    return groups


def _are_alike(group: list[Ends], cell_km: float) -> bool:
    areas, reaches = zip(*map(_numbers, group), strict=True)
    return all(_near(values, cell_km**2) for values in zip(*areas, strict=True)) and all(
        _near(values, cell_km) for values in zip(*reaches, strict=True)
    )


def _numbers(ends: Ends) -> tuple[tuple[float, ...], tuple[float | None, ...]]:
    """Areas, km², and extents, km, of one azimuth."""
    likely = ends[1]
    return tuple(end.area_km2 for end in ends), (likely.ahead_km, likely.behind_km, likely.left_km, likely.right_km)


def _near(values: Sequence[float | None], cell: float) -> bool:
    """Whether values differ by ALIKE of the greatest at most, or by one cell; what there is nothing of is like its own kind only."""
    there = [value for value in values if value is not None]
    if len(there) < len(values):
        return not there
    return max(there) - min(there) <= max(ALIKE * max(map(abs, there)), cell) * (1.0 + 1e-9)


def _row(group: list[Ends], of: int) -> list[str]:
    """A group of azimuths with the range of each number."""
    areas, reaches = zip(*map(_numbers, group), strict=True)
    azimuths = [f"{likely.from_deg:03.0f}°" for _, likely, _ in group]
    named = f"all {of}" if len(group) == of > 1 else ", ".join(azimuths)
    return [
        named,
        *(_range(values, 0) for values in zip(*areas, strict=True)),
        *(_range(values, 1) for values in zip(*reaches, strict=True)),
    ]


def _range(values: Sequence[float | None], digits: int) -> str:
    """The least and the greatest of the values, or the one number that both are."""
    there = [round(value, digits) + 0.0 for value in values if value is not None]
    if not there:
        return NOTHING
    ends = dict.fromkeys(f"{value:,.{digits}f}".removesuffix(".0") for value in (min(there), max(there)))
    return (" to " if min(there) < 0.0 else "–").join(ends)


def _facing(answer: FootprintAnswer) -> str:
    if answer.unit.heading_deg is None:
        return f"Its sector of {answer.unit.sector_deg:g}° faces each azimuth in turn: this is defended in any one direction at a time."
    return f"Its sector of {answer.unit.sector_deg:g}° faces {answer.unit.heading_deg % 360.0:03.0f}°."


# ---------------------------------------------------------------- GeoJSON


def footprint_geojson(answer: FootprintAnswer, maps: Maps) -> str:
    """GeoJSON (RFC 7946): one area per end, azimuth and number of opportunities, the unit, and the circles of its published ranges."""
    features = [
        _feature({"type": "Point", "coordinates": [answer.unit.at[1], answer.unit.at[0]]}, what="unit", name=answer.unit.name)
    ]
    circles = ("intercept range against ballistic missiles", answer.unit.intercept_range_km), (
        "brochure circle, against aircraft", answer.unit.brochure_km,
    )  # fmt: skip
    for what, radius_km in circles:
        if radius_km > 0.0:
            features.append(_feature(_circle(answer.unit.at, 1000.0 * radius_km), what=what, radius_km=radius_km))
    for end, azimuth, least, area_km2 in _areas(answer):
        along, right, counts = maps[end, azimuth]
        shape = _outline(counts >= least, along, right, azimuth, answer.unit.at)
        facts = {"end": end, "from_deg": azimuth, "opportunities": least, "together": answer.together, "area_km2": area_km2}
        features.append(_feature(shape, what="defended", **facts))
    head = {"type": "FeatureCollection", "title": f"Defended footprint of {answer.unit.name}", "terrain": answer.terrain.label}
    return json.dumps({**head, "features": features}, ensure_ascii=False) + "\n"


def defended_rings(answer: FootprintAnswer, maps: Maps) -> tuple[tuple[tuple[float, ...], ...], ...]:
    """The defended area of the first azimuth with figures as chosen: polygons of rings, each a flat sequence of longitude, latitude."""
    azimuth = answer.likely[0].from_deg
    along, right, counts = maps["likely", azimuth]
    if not (counts >= answer.opportunities).any():
        return ()
    shape = _outline(counts >= answer.opportunities, along, right, azimuth, answer.unit.at)
    polygons = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
    return tuple(tuple(tuple(x for point in ring for x in point) for ring in rings) for rings in polygons)


def _areas(answer: FootprintAnswer) -> Iterator[tuple[str, float, int, float]]:
    for end in _ENDS:
        for row in getattr(answer, end):
            for least, area_km2 in enumerate(row.area_by_opportunities_km2, 1):
                if area_km2 > 0.0:
                    yield end, row.from_deg, least, area_km2


def _feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _outline(
    mask: npt.NDArray[np.bool_], along: Floats, right: Floats, azimuth: float, at: tuple[float, float]
) -> dict[str, Any]:
    """The outline of the cells of a mask, in longitude and latitude."""
    shapely = _shapely()
    half = 0.5 * (along[1] - along[0])
    runs = []
    for i, row in enumerate(mask):
        edges = np.flatnonzero(np.diff(np.concatenate([[False], row, [False]])))
        for first, last in zip(edges[::2], edges[1::2], strict=True):
            runs.append(shapely.box(right[first] - half, along[i] - half, right[last - 1] + half, along[i] + half))

    def place(points: Floats) -> Floats:
        bearing = azimuth + np.degrees(np.arctan2(points[:, 0], points[:, 1]))
        start = np.full(len(points), at[1]), np.full(len(points), at[0])
        lon, lat, _ = _GEOD.fwd(*start, bearing, np.hypot(points[:, 0], points[:, 1]))
        return np.column_stack([at[1] + (lon - at[1] + 180.0) % 360.0 - 180.0, lat])

    return _on_the_map(shapely.transform(shapely.union_all(runs), place))


def _circle(at: tuple[float, float], radius_m: float) -> dict[str, Any]:
    shapely = _shapely()
    azimuths = np.linspace(360.0, 0.0, 181)[:-1]
    lon, lat, _ = _GEOD.fwd(np.full(180, at[1]), np.full(180, at[0]), azimuths, np.full(180, radius_m))
    return _on_the_map(shapely.Polygon(np.column_stack([at[1] + (lon - at[1] + 180.0) % 360.0 - 180.0, lat])))


def _on_the_map(shape: Any) -> dict[str, Any]:
    """A geometry cut at longitude 180, which it may cross, with outer rings counterclockwise."""
    shapely = _shapely()
    parts = []
    for turn in (-360.0, 0.0, 360.0):
        moved = shapely.transform(shape, lambda points, turn=turn: np.add(points, (turn, 0.0)))
        parts += [
            part for part in shapely.get_parts(shapely.intersection(moved, shapely.box(-180, -90, 180, 90))) if part.area > 0.0
        ]
    rings = [
        [np.round(np.array(ring.coords), 6).tolist() for ring in (one.exterior, *one.interiors)] for one in map(_turned, parts)
    ]
    return {"type": "MultiPolygon", "coordinates": rings}


def _turned(polygon: Any) -> Any:
    from shapely.geometry.polygon import orient

    return orient(polygon)


def _shapely() -> Any:
    try:
        import shapely
    except ImportError as error:
        fault = Fault("GeoJSON needs shapely, which is not installed", "--out", "pip install 'closedsky[geo]'")
        raise OutputError(fault) from error
    return shapely
