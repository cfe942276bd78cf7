"""The visibility floor of a whole raster against closed forms, against exact profiles on fractal land, and round the compass."""

from functools import lru_cache
from pathlib import Path

import numpy as np
import pyproj
import pytest

from tests.reference import profile, relief, shapes
from tests.reference.floors import compared, swept
from tests.reference.profile import WGS84, Surface
from tests.reference.test_profile import walked
from tests.validation.book import Agrees

BETWEEN_RAYS = 3e-4
"""Share of nodes that may be off: three times what was counted over all nodes, for 60,000 are drawn."""


@pytest.mark.parametrize("name", shapes.SHAPES)
@pytest.mark.parametrize("in_degrees", [True, False])
@pytest.mark.parametrize("height_m", [2.0, 20.0, 200.0])
def test_shapes(name: str, in_degrees: bool, height_m: float, tmp_path: Path, agrees: Agrees) -> None:
    """Closed forms on the bilinear surface, at 60,000 nodes: 0.1 m + 0.1 % of the floor's height above the ground.

    Left out are the few nodes on a crest or a rim itself between two rays, one before it and one past it: 1 in 10,000 of such land.
    """
    land = shapes.land(name, in_degrees)
    lon, lat = (float(degrees) for degrees in land.lonlat(950.25, 510.5))
    antenna = profile.antenna(land, lat, lon, height_m)
    rows, columns = np.random.default_rng(2).integers(0, shapes.SIZE, (2, 60_000))
    rows[0], columns[0] = 201, 702  # the node that is shown
    exact = shapes.closed_form(shapes.SHAPES[name], land, antenna, rows, columns)
    found = swept(tmp_path, land, lat, lon, height_m)[rows, columns].astype(np.float64)
    allowed = 0.1 + 0.001 * (exact - land.heights[rows, columns])
    assert np.isfinite(found).all()
    used = np.abs(found - exact) / allowed
    assert np.mean(used > 1.0) <= BETWEEN_RAYS, f"{np.mean(used > 1.0):.3%} of nodes are off, the worst {used.max():.2f} times"
    agrees(
        part="floor",
        authority=f"{name}, closed form",
        quantity=f"floor 75 km away, mast {height_m:g} m, {'degrees' if in_degrees else 'UTM'}",
        theirs=float(exact[0]),
        ours=float(found[0]),
        tolerance=float(allowed[0]),
        unit="m",
        second=("exact profile", float(profile.floor(land, antenna, rows[[0]], columns[[0]])[0])),
        source="closed form in tests/reference/shapes.py",
    )


LOST_M = 100.0
"""No node is off by more: one that no ray reached would be."""
SMALL, FEW = 1000, 2000
WIDE, MANY = 8000, 20_000


@lru_cache(maxsize=1)
def fractal(place: str, size: int) -> Surface:
    """Kept for the next test: those over the same land follow one another."""
    if place == "UTM":
        return relief.utm(relief.fractal(size, 1))
    lat_deg = float(place.removesuffix("° N"))
    return relief.degrees(relief.fractal(size, 1, narrow=relief.narrow(lat_deg)), lat_deg)


CASES = [("UTM", SMALL, FEW, height_m) for height_m in (2.0, 20.0, 200.0)]
SLOW = [("UTM", WIDE, nodes, height_m) for nodes, height_m in ((FEW, 2.0), (MANY, 20.0), (FEW, 200.0))]
SLOW += [(place, WIDE, FEW, 20.0) for place in ("0° N", "60° N", "80° N")]


@pytest.mark.parametrize("site", relief.SITES)
@pytest.mark.parametrize(
    ("place", "size", "nodes", "height_m"), CASES + [pytest.param(*case, marks=pytest.mark.slow) for case in SLOW]
)
def test_fractal_land(place: str, size: int, nodes: int, site: str, height_m: float, tmp_path: Path) -> None:
    """95 % of nodes within 3 m of the exact profile, 99 % within 6 m."""
    both = compared(tmp_path, fractal(place, size), site, height_m, nodes)
    assert both.error_m.max() <= LOST_M
    half, most, nearly_all = np.quantile(both.error_m, [0.5, 0.95, 0.99])
    assert most <= 3.0, f"95 % within {most:.2f} m, half within {half:.2f} m"
    assert nearly_all <= 6.0, f"99 % within {nearly_all:.2f} m"


@pytest.mark.parametrize("site", relief.SITES)
def test_node_of_fractal_land(site: str, tmp_path: Path, agrees: Agrees) -> None:
    """Three nodes as they come, and the same by a dense walk along the geodesic."""
    land = fractal("UTM", 1000)
    both = compared(tmp_path, land, site, 20.0, nodes=3, seed=11)
    for row, column, exact, found in zip(both.rows, both.columns, both.exact, both.found, strict=True):
        agrees(
            part="floor",
            authority="fractal land, exact profile",
            quantity=f"floor at row {row}, column {column}, mast 20 m, {site}",
            theirs=float(exact),
            ours=float(found),
            tolerance=3.0,
            unit="m",
            second=("dense walk along the geodesic", walked(land, both.antenna, int(row), int(column))),
            source="tests/reference/profile.py",
        )


ANTENNA_M, TARGET_M = 30.0, 300.0


def level_sea(place: str) -> Surface:
    """Level ground of 110 km and more each way from 15° E, in degrees by 15 arc-seconds or in UTM by 200 m."""
    lat_deg = float(place.split("°")[0])
    if "UTM" in place:
        _, north = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:32633", always_xy=True).transform(15.0, lat_deg)
        return Surface(np.zeros((1101, 1101), np.float32), "EPSG:32633", 390_000.0, north + 110_000.0, 200.0, 200.0)
    step, columns = 15.0 / 3600.0, round(240.0 / relief.narrow(lat_deg)) + 20
    return Surface(
        np.zeros((481, 2 * columns + 1), np.float32), "EPSG:4326", 15.0 - columns * step, lat_deg + 240 * step, step, step
    )


@pytest.mark.parametrize("place", ["0° N", "60° N", "80° N", "0° N, UTM", "60° N, UTM", "80° N, UTM"])
def test_radius_is_the_same_all_round(place: str, tmp_path: Path, agrees: Agrees) -> None:
    """The distance, on the geodesic, at which a target 300 m up is lost over level ground, for 360 azimuths: within 0.5 %.

    It is the sum of two exact arcs, ρ (acos(ρ / (ρ + h₁)) + acos(ρ / (ρ + h₂))), read off the raster where the floor passes 300 m.
    """
    land = level_sea(place)
    lat_deg = float(place.split("°")[0])
    floor = Surface(swept(tmp_path, land, lat_deg, 15.0, ANTENNA_M), land.crs, land.left, land.top, land.dx, land.dy)
    rho = profile.K * profile.EARTH_RADIUS_M
    arc = rho * sum(np.arccos(rho / (rho + height)) for height in (ANTENNA_M, TARGET_M))
    metres, azimuth = np.meshgrid(np.linspace(0.97, 1.03, 601) * arc, np.arange(360.0))
    lon, lat, _ = WGS84.fwd(np.full_like(metres, 15.0), np.full_like(metres, lat_deg), azimuth, metres)
    seen = floor.at(*floor.place(lon, lat)) > TARGET_M
    assert seen[:, -1].all()
    assert not seen[:, 0].any()
    radius = metres[0][np.argmax(seen, axis=1)]
    assert np.ptp(radius) <= 0.005 * arc
    np.testing.assert_allclose(radius, arc, rtol=0.005)
    agrees(
        part="floor",
        authority="level ground, two exact arcs",
        quantity=f"distance at which a target at {TARGET_M:g} m is lost, azimuth with the most error, {place}",
        theirs=float(arc),
        ours=float(radius[np.argmax(np.abs(radius - arc))]),
        tolerance=0.005,
        kind="relative",
        unit="m",
        second=("by the parabola, √(2 ρ h)", float(np.sqrt(2.0 * rho * ANTENNA_M) + np.sqrt(2.0 * rho * TARGET_M))),
        source="closed form in the test",
    )
