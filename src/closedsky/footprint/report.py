"""A defended footprint as text and as GeoJSON."""

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from pyproj import Geod

from closedsky.catalogue.words import grades_in_words, uncertain_in_words
from closedsky.errors import Fault, OutputError
from closedsky.model.footprint import Defended, FootprintAnswer

Floats = npt.NDArray[np.float64]
Maps = Mapping[tuple[str, float], tuple[Floats, Floats, npt.NDArray[np.int64]]]
"""By end and azimuth: centres of the cells, m towards the azimuth and m to the right of it, and opportunities in each cell."""

_GEOD = Geod(ellps="WGS84")
_ENDS = "low", "likely", "high"


# ---------------------------------------------------------------- text


def footprint_text(answer: FootprintAnswer) -> str:
    """The answer as a table, with its assumptions and warnings."""
    unit, threat = answer.unit, answer.threat
    apogee = "minimum energy" if threat.apogee_km is None else f"apogee {threat.apogee_km:g} km"
    many = "1 opportunity" if answer.opportunities == 1 else f"{answer.opportunities} opportunities"
    together = "" if answer.together == 1 else f", for each of {answer.together} that arrive together"
    lines = [
        f"Defended footprint of {unit.name} at {unit.at[0]:g}, {unit.at[1]:g}",
        f"against {threat.name} over {threat.range_km:g} km, {apogee}; arrives at {threat.arrival_mps:.0f} m/s",
        f"at least {many} before impact{together}",
        f"terrain: {answer.terrain.label}",
        "",
        "            defended, km²          | likely: reaches, km",
        " from      low    likely      high |  ahead  behind    left   right",
    ]
    lines += [_row(*rows) for rows in zip(answer.low, answer.likely, answer.high, strict=True)]
    for end in _ENDS:
        why = {row.why_none for row in getattr(answer, end) if row.why_none}
        lines += [f"{end}, where nothing is defended: {'; '.join(sorted(why))}"] if why else []
    circle_km2 = math.pi * unit.intercept_range_km**2
    lines += [
        "",
        "Low, likely, high: every figure at its end favouring the attacker, as chosen, favouring the defender.",
        f"{uncertain_in_words(answer.assumed)} Aim points are {answer.cell_km:g} km apart.",
        f"By grade: {grades_in_words(answer.assumed.by_grade)}.",
        f"The published range against ballistic missiles, {unit.intercept_range_km:g} km, limits the intercept and is no footprint;",
        f"the circle of that radius has {circle_km2:.0f} km².",
        *([_facing(answer)] if unit.sector_deg < 360.0 else []),
        *(f"warning: {text}" for text in answer.warnings),
    ]
    return "\n".join(lines) + "\n"


def _row(low: Defended, likely: Defended, high: Defended) -> str:
    reaches = likely.ahead_km, likely.behind_km, likely.left_km, likely.right_km
    shown = "".join(f"{'-' if reach is None else f'{reach:.1f}':>8}" for reach in reaches)
    return f" {likely.from_deg:03.0f}°{low.area_km2:9.0f}{likely.area_km2:10.0f}{high.area_km2:10.0f} |{shown[1:]}"


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
