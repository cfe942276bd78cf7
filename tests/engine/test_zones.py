"""When a flight is inside a zone: Shapely is the authority for the outline, plain interpolation for the altitude."""

import numpy as np
import pytest
from shapely import LineString, Polygon
from shapely.affinity import translate

import closedsky
from closedsky.engine.tables import sight, zones
from tests.engine.test_lookbylook import a_missile, a_scenario, a_system, a_threat

MOST_ZONES = 25
LIMITS = (("altitude_min_m", -1e9), ("altitude_max_m", 1e9))


def star(rng: np.random.Generator, lat: float, lon: float) -> list[list[float]]:
    """An outline that need not be convex, round a place; longitudes between -180 and 180."""
    corners = int(rng.integers(4, 12))
    turns = (
        2.0 * np.pi * (np.arange(corners) + rng.uniform(0.0, 0.9, corners)) / corners
    )  # no gap of half a turn: it cannot cross itself
    reach = rng.uniform(0.05, 0.8, turns.size)
    east = (lon + reach * np.sin(turns) + 180.0) % 360.0 - 180.0
    return np.column_stack([lat + reach * np.cos(turns), east]).tolist()


@pytest.mark.parametrize("lon", [44.0, 179.9, -179.8])
def test_time_inside_is_the_length_inside(lon: float) -> None:
    rng = np.random.default_rng(int(abs(lon)))
    volumes = []
    for i in range(MOST_ZONES):
        place = 33.0 + rng.uniform(-0.4, 0.4), lon + rng.uniform(-0.5, 0.5)
        limits = {"altitude_min_m": 2000.0, "altitude_max_m": 5000.0} if i % 3 == 0 else {}
        volumes.append({"id": f"zone-{i}", "outline": star(rng, *place), "intercept": "outside"} | limits)
    bends = [[33.6, lon - 0.9], [32.8, lon - 0.1], [33.3, lon + 0.3], [32.6, lon + 0.8]]
    points = [
        {"at": [lat, (east + 180.0) % 360.0 - 180.0], "altitude_m": alt}
        for (lat, east), alt in zip(bends, (1000, 6000, 3000, 500), strict=True)
    ]
    prepared = closedsky.prepare(closedsky.load(a_scenario(
        {"sam": a_system(missiles={"round": a_missile()})}, {"missile": a_threat()},
        [{"id": "alpha", "system": "sam", "at": [33.0, (lon + 180.0) % 360.0 - 180.0]}],
        [{"id": "raid", "threat": "missile", "motion": {"kind": "route", "waypoints": points}}],
        assets=[], zones=volumes,
    )))  # fmt: skip
    samples = sight.trace(prepared.packed, prepared.terrain.ground, 0)
    flight = prepared.packed.raid.flights[0]
    times = np.minimum(np.arange(len(samples)) * flight["step_s"], flight["duration_s"])
    north, east, altitude = np.degrees(samples[:, 0]), np.degrees(np.unwrap(samples[:, 1])), samples[:, 2]
    east += 360.0 * np.round((lon - east.mean()) / 360.0)
    inside = 0
    for z, volume in enumerate(volumes):
        corners = np.array(volume["outline"])
        outline = Polygon(np.column_stack([np.degrees(np.unwrap(np.radians(corners[:, 1]))), corners[:, 0]]))
        outline = translate(outline, 360.0 * np.round((lon - outline.centroid.x) / 360.0))
        found = zones.within(prepared.packed, z, 0, samples)
        expected_s = 0.0
        for k in range(len(times) - 1):
            low, high = sorted(
                np.clip(
                    (np.array([volume.get(limit, far) for limit, far in LIMITS]) - altitude[k]) / (altitude[k + 1] - altitude[k]),
                    0.0,
                    1.0,
                )
            )
            ends = [(east[k] + w * (east[k + 1] - east[k]), north[k] + w * (north[k + 1] - north[k])) for w in (low, high)]
            whole = np.hypot(east[k + 1] - east[k], north[k + 1] - north[k])
            if high > low and whole > 0.0:
                expected_s += LineString(ends).intersection(outline).length / whole * (times[k + 1] - times[k])
        assert np.all(np.diff(found.ravel()) > 0.0)
        assert float(np.sum(found[:, 1] - found[:, 0])) == pytest.approx(expected_s, abs=1e-3), volume["id"]
        inside += expected_s > 0.0
    assert 5 < inside < MOST_ZONES
