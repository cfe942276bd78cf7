"""One answer or more from every public kernel of the files tested here; run as a script, prints them as JSON."""

import json
import math
from functools import cache

import numpy as np

from closedsky.physics import (
    aiming,
    atmosphere,
    flight,
    floor,
    flyout,
    gas,
    geodesy,
    ground,
    horizon,
    jamming,
    lethality,
    propagation,
    radar,
    shore,
    trajectory,
    visibility,
)
from closedsky.physics.constants import EARTH_ROTATION_RAD_S, WGS84

MODULES = (
    aiming,
    atmosphere,
    flight,
    floor,
    flyout,
    gas,
    geodesy,
    ground,
    horizon,
    jamming,
    lethality,
    propagation,
    radar,
    shore,
    trajectory,
    visibility,
)
_GROUND = ground.Ground(
    np.random.default_rng(5).uniform(-100.0, 2500.0, (40, 60)).astype(np.float32),
    math.radians(48.0),
    math.radians(7.0),
    math.radians(0.1),
    math.radians(0.1),
)


def _plane() -> list[float]:
    lat, lon = np.radians([[45.0, 46.0, 80.0]]), np.radians([[7.0, 7.0, -179.0]])
    east, north = np.empty((1, 3)), np.empty((1, 3))
    geodesy.sight_plane(lat, lon, math.radians(45.0), math.radians(7.0), 4.0 / 3.0, WGS84, east, north)
    return [*map(float, east[0]), *map(float, north[0])]


def _floor() -> list[float]:
    """A sweep to the south over a small grid, the antenna between nodes."""
    lat, lon = np.meshgrid(np.radians(46.0 - 0.016 * np.arange(4.0)), np.radians(7.0 + 0.016 * np.arange(4.0)), indexing="ij")
    east, north = np.empty((4, 4)), np.empty((4, 4))
    geodesy.sight_plane(lat, lon, math.radians(45.9955), math.radians(7.02), 4.0 / 3.0, WGS84, east, north)
    slopes = np.full(4, -math.inf), np.full(4, math.inf)
    sector = floor.Sector(40, 40, 40, 1, 4.5, 20.0, 20, 1, -north / 111.0, east / 77.0, (12321.0, 0.0, 5929.0), *slopes)
    grid = np.random.default_rng(8).uniform(0.0, 900.0, 1600).astype(np.float32)
    out = np.zeros(1600, np.float32)
    floor.floor_fan(grid, out, sector, floor.Sight(950.0, 8.5e6, math.inf), -0.5, 0.05, 21, True)
    return [float(value) for value in out]


def _horizon() -> list[float]:
    out = np.empty((12, 9), np.float32)
    horizon.horizon_table(_GROUND, 0.8, 0.16, 900.0, 4.0 / 3.0, WGS84, 1e-3, 2e-4, out)
    return [float(value) for value in out.ravel()]


def _confirmed() -> list[float]:
    pd = np.concatenate([np.zeros(5), np.linspace(0.0, 0.6, 20), np.zeros(10), np.full(5, 0.2)])
    out = np.empty_like(pd)
    radar.first_confirmation(pd, 3, 5, out)
    return [float(value) for value in out]


def _ballistic() -> list[float]:
    out = np.zeros((60, 6))
    rows = flight.sample_ballistic(0.8, 0.1, 0.85, 0.2, 100.0, 300.0, 0.7, 60.0, WGS84, 10.0, out)
    return [rows, *map(float, out.ravel())]


_EARTH = (WGS84, EARTH_ROTATION_RAD_S)
_LAUNCH = (0.6, 0.8, 120.0, 4.3, 0.75, 1500.0)
_STATE = (-3e6, 4e6, 4.05e6, 900.0, -700.0, -1500.0)


def _flown() -> list[float]:
    out = np.zeros((80, 6))
    rows = trajectory.fly(*_LAUNCH, 60.0, 5e3, *_EARTH, 400.0, 5.0, out)
    return [rows, *map(float, out.ravel())]


def _flown_for() -> list[float]:
    """Longer than a step of the boost, and than one of the flight after it."""
    out = np.zeros((80, 6))
    rows = trajectory.fly_for(*_LAUNCH, 60.0, 5e3, *_EARTH, 300.0, 5.0, out)
    return [rows, *map(float, out[:, 3:].ravel())]


def _located() -> list[float]:
    samples = np.array([[math.nan, 0.0, 0.0, *_STATE[:3]]])
    trajectory.locate(samples, 0, WGS84)
    return [float(value) for value in samples.ravel()]


_AIMED: aiming.Start = (0.001, 0.75, 1500.0)
_MISSILE = (1840.0, 1104.0, 12.0, 2.2e5, 0.2116)


def _fly_outs() -> list[float]:
    out = np.zeros((2, 5, 4))
    flyout.fly_out_table(_MISSILE, 3e4, 500.0, 1.5e5, 2.5e4, out)
    return [float(value) for value in out.ravel()]


def _fly_out_times() -> list[float]:
    table = np.stack([np.outer(np.arange(5.0), np.arange(4.0) + 1.0), np.full((5, 4), 600.0)])
    table[:, 4, 3] = 0.0
    places = ((0.0, 0.0), (1e4, -50.0), (9e4, 1e4), (1.5e5, 1.5e5), (1.6e5, 0.0))
    return [flyout.time_of_flight(table, 1.5e5, 500.0, *place) for place in places]


def _flown() -> list[float]:
    out, shares = np.empty((2, 3)), np.array([0.01, 0.4, 1.0])
    answers: list[float] = []
    for x in (500.0, 4e4, 4e5):
        flyout.fly_out(_MISSILE, flyout.air_column(), (x, 100.0, 5e3, 0.1 * x), 900.0, shares, out)
        answers += map(float, out.ravel())
    return answers


def _lofted() -> list[float]:
    air, scratch = flyout.air_column(), np.empty((3, 1))
    best = (flyout.lofted(_MISSILE, air, 3e4, 500.0, x, 0.06, (x / 500.0, 600.0), scratch) for x in (4e3, 1.5e5))
    return [value for pair in best for value in pair]


def _route() -> list[float]:
    out = np.zeros((60, 6))
    lat, lon = np.radians([45.0, 46.0, 47.0]), np.radians([8.0, 9.0, 9.5])
    level, above, arrive = np.array([3000.0, 60.0, 2000.0]), np.array([False, True, False]), np.array([0.0, 200.0, 400.0])
    rows = flight.sample_route(lat, lon, level, above, arrive, _GROUND, WGS84, 10.0, out)
    return [rows, *map(float, out.ravel())]


def _sights() -> list[bool]:
    random = np.random.default_rng(6)
    lat, lon = np.radians(random.uniform(44.5, 47.5, (200, 2))), np.radians(random.uniform(7.5, 12.5, (200, 2)))
    alt = random.uniform(500.0, 9000.0, (200, 2))
    return [
        bool(visibility.terrain_visible(_GROUND, lat[i, 0], lon[i, 0], alt[i, 0], lat[i, 1], lon[i, 1], alt[i, 1], 4.0 / 3.0))
        for i in range(200)
    ]


def _gas() -> dict[str, object]:
    altitudes_m, elevation_rad, range_m = np.empty(40), np.empty(12), np.empty(8)
    gas.gas_grids(300.0, 4.0 / 3.0, altitudes_m, elevation_rad, range_m)
    profile, table = np.empty(40), np.empty((12, 8))
    gas.gas_profile(5.6e9, 7.5, altitudes_m, profile)
    gas.gas_table(altitudes_m, profile, 300.0, 4.0 / 3.0, elevation_rad, range_m, table)
    points = [(-2.0, 1e3), (-0.01, 5e4), (0.02, 3e5), (0.7, 9e5), (2.0, 1e5)]
    return {
        "specific_attenuation": [gas.specific_attenuation(f, 900.0, 280.0, 5.0) for f in (1e9, 1e10, 2.2e10, 6e10, 1.2e11)],
        "gas_grids": [*map(float, altitudes_m), *map(float, elevation_rad), *map(float, range_m)],
        "gas_profile": [float(value) for value in profile],
        "gas_table": [float(value) for value in table.ravel()],
        "gas_loss_db": [gas.gas_loss_db(elevation_rad, range_m, table, *point) for point in points],
    }


def _looks() -> dict[str, object]:
    cases = [(s, snr, n) for s in range(5) for snr in (0.0, 0.3, 2.0, 1e3) for n in (1, 2, 30, 1000)]
    return {
        "threshold": [radar.threshold(pfa, n) for pfa in (0.0, 1e-8, 1e-3, 1.0) for n in (1, 2, 50)],
        "pd_above": [radar.pd_above(s, snr, 1.3 * n + 9.0, n) for s, snr, n in cases],
        "pd_look": [radar.pd_look(s, snr, 1e-6, n) for s, snr, n in cases],
        "snr_for_look": [radar.snr_for_look(s, pd, 1e-6, n) for s in range(5) for pd in (0.0, 0.1, 0.9, 1.0) for n in (1, 20)],
    }


def _ground() -> dict[str, object]:
    cases = [(20.0, 100.0, 2e4), (20.0, 5e3, 2.5e5), (5.0, 2.0, 9e3), (5.0, 2.0, 9e5), (0.0, 0.0, 0.0)]
    return {
        "two_ray_factor": [propagation.two_ray_factor(*case, 0.1, 0.2, 4.0 / 3.0) for case in cases],
        "reflection": [propagation.reflection(*case, 4.0 / 3.0) for case in cases],
        "reflection_angle": [propagation.reflection_angle(a, b, d / 8e6, 8e6) for a, b, d in cases],
        "clutter_loss": [
            propagation.clutter_loss(50.0, h, 100.0, v, 30.0) for h in (0.0, 92.0, 120.0) for v in (-25.0, 28.0, 40.0)
        ],
    }


def _jams() -> dict[str, object]:
    return {
        "jam_to_noise": [jamming.jam_to_noise(1e-3, range_m, 4000.0, 0.01, 0.1, 500.0, 2.0) for range_m in (0.0, 1e5)],
        "signal_to_noise": [jamming.signal_to_noise(20.0, clutter, jams) for clutter in (1.0, 50.0) for jams in (0.0, 3.0)],
        "lobe_gain": [jamming.lobe_gain(angle, 0.02, 4000.0, 1e-3) for angle in (0.0, 0.015, 1.0)],
        "burn_through_range": [
            jamming.burn_through_range(1e5, own, other) for own in (0.0, 9.0, math.inf) for other in (0.0, 5.0)
        ],
    }


_COAST = shore.shore(
    [
        np.radians([(10.0, 170.0), (12.0, 191.0), (30.0, 175.0), (10.0, 170.0)]),
        np.radians([(-70.0, lon) for lon in range(-180, 181, 7)] + [(-70.0, 180.0)]),
    ]
)
_AFLOAT = ((0.3, 3.1), (0.3, -3.18), (0.0, 0.0), (-1.5, 2.0), (0.21, 3.0))


def _seaward() -> list[float]:
    lat, lon = np.array(_AFLOAT).T
    out = np.empty(len(_AFLOAT))
    shore.seaward(_COAST, np.ascontiguousarray(lat), np.ascontiguousarray(lon), out)
    return [float(value) for value in out]


@cache
def probe() -> dict[str, object]:
    """Name of a kernel to what it answers: numbers, or lists of them."""
    here, there = (0.8, 0.15, 50.0), (0.82, 0.2, 9000.0)
    origin, target = geodesy.ecef(*here, *WGS84), geodesy.ecef(*there, *WGS84)
    return {
        **_gas(),
        **_looks(),
        **_ground(),
        **_jams(),
        "standard_air": [atmosphere.standard_air(z) for z in (-1e3, 5e3, 15e3, 25e3, 6e4, 8e4, 9e4, 105e3, 115e3, 2e5, 1.1e6)],
        "sound_speed": atmosphere.sound_speed(250.0),
        "ecef": origin,
        "geodetic": geodesy.geodetic(*target, *WGS84),
        "enu": geodesy.enu(0.8, 0.15, 1e4, -2e4, 3e4),
        "look_angles": geodesy.look_angles(0.8, 0.15, *origin, *target),
        "central_angle": geodesy.central_angle(*here[:2], *there[:2]),
        "bearing": geodesy.bearing(*here[:2], *there[:2]),
        "destination": geodesy.destination(0.8, 0.15, 5.0, 0.3),
        "along_great_circle": geodesy.along_great_circle(*here[:2], *there[:2], 0.3),
        "angle_between": geodesy.angle_between(6.2, 0.1),
        "pd_one_look": [radar.pd_one_look(s, snr, 1e-6) for s in range(5) for snr in (0.0, 1.0, 10.0, 30.0, 1e3)],
        "snr_for": [radar.snr_for(s, pd, 1e-6) for s in range(5) for pd in (0.0, 0.1, 0.9, 1.0)],
        "snr_anchored": [radar.snr_anchored(20.0, 1e5, 1.0, range_m, 0.1) for range_m in (0.0, 7e4)],
        "snr_by_parameters": [radar.snr_by_parameters(1e6, 1e-5, 1e3, 0.03, 0.1, range_m, 290.0, 4.0) for range_m in (0.0, 7e4)],
        "range_by_parameters": radar.range_by_parameters(1e6, 1e-5, 1e3, 0.03, 0.1, 20.0, 290.0, 4.0),
        "power_by_parameters": radar.power_by_parameters(1e5, 1e-5, 1e3, 0.03, 0.1, 20.0, 290.0, 4.0),
        "first_confirmation": _confirmed(),
        "hits_in": [radar.hits_in(mask) for mask in (0, 1, 6, 255)],
        "albersheim_db": radar.albersheim_db(0.9, 1e-6, 10),
        "horizon_range": visibility.horizon_range(20.0, 300.0, 4.0 / 3.0),
        "horizon_range_parabola": visibility.horizon_range_parabola(20.0, 300.0, 4.0 / 3.0),
        "apparent_tangent": [visibility.apparent_tangent(20.0, 300.0, d, 1.0) for d in (0.0, 5e4, 3e7)],
        "apparent_elevation": visibility.apparent_elevation(0.01, 2e5, 4.0 / 3.0),
        "smooth_visible": [visibility.smooth_visible(20.0, 300.0, 0.0, d, 1.0) for d in (0.0, 5e4, 9e4)],
        "sight_plane": _plane(),
        "floor_fan": _floor(),
        "arc_scale": [horizon.arc_scale(lat, azimuth, *WGS84) for lat in (0.0, 1.2) for azimuth in (0.0, 1.0)],
        "horizon_table": _horizon(),
        "horizon_at": [horizon.horizon_at(np.arange(40, dtype=np.float32), 4, 6, 5, azimuth, 3) for azimuth in (0.3, 6.2)],
        "place": ground.place(_GROUND, 0.8, 0.15),
        "between": [ground.between(_GROUND, row, column) for row in (-1.0, 3.25, 70.0) for column in (0.5, 99.0)],
        "steepest_in_cell": [
            visibility.steepest_in_cell((400.0, 520.0, 560.0, 410.0), 0.1, 0.2, 0.6, drift, 900.0, 95.0, 380.0, 8.5e6, last)
            for drift in (0.9, -0.3)
            for last in (True, False)
        ],
        "bilinear": [ground.bilinear(_GROUND, 0.8, lon) for lon in (0.1, 0.15, 0.3)],
        "terrain_visible": _sights(),
        "on_land": [shore.on_land(_COAST, *point) for point in _AFLOAT],
        "coast_distance": [shore.coast_distance(_COAST, *point) for point in _AFLOAT],
        "seaward": _seaward(),
        "minimum_energy_angle": flight.minimum_energy_angle(0.1),
        "launch_speed": flight.launch_speed(0.1, 0.7),
        "apogee_altitude": flight.apogee_altitude(0.1, 0.7),
        "time_of_flight": [flight.time_of_flight(0.1, 0.7), *_fly_out_times()],
        "angle_for_apogee": flight.angle_for_apogee(0.1, 3e5),
        "kepler_state": [flight.kepler_state(0.1, 0.7, t) for t in (0.0, 50.0, 150.0, 300.0)],
        "boosted_clock": [flight.boosted_clock(t, 60.0) for t in (0.0, 30.0, 60.0, 90.0)],
        "ballistic_duration": flight.ballistic_duration(0.1, 0.7, 60.0),
        "sample_ballistic": _ballistic(),
        "sample_route": _route(),
        "altitude_of": trajectory.altitude_of(*_STATE[:3], WGS84),
        "acceleration": [v for beta in (5e3, math.inf) for v in trajectory.acceleration(_STATE, beta, *_EARTH)],
        "advance": [v for dt in (30.0, -10.0) for v in trajectory.advance(_STATE, dt, 5e3, *_EARTH)],
        "height_and_climb": trajectory.height_and_climb(_STATE, WGS84),
        "burnout": [v for t in (0.0, 30.0) for v in trajectory.burnout(*_LAUNCH, t, 60.0, WGS84)],
        "flight_end": trajectory.flight_end(*_LAUNCH, 60.0, 5e3, *_EARTH, 400.0),
        "fly": _flown(),
        "fly_for": _flown_for(),
        "locate": _located(),
        "aim_from": [
            float(v)
            for top, start in ((math.nan, aiming.NO_START), (math.nan, _AIMED), (9e4, _AIMED))
            for v in aiming.aim_from(0.6, 0.8, 50.0, 0.63, 0.82, 400.0, top, 60.0, 5e3, *_EARTH, start)
        ],
        "aim": [
            float(v) for top in (math.nan, 9e4) for v in aiming.aim(0.6, 0.8, 50.0, 0.63, 0.82, 400.0, top, 60.0, 5e3, *_EARTH)
        ],
        "air_column": flyout.air_column().ravel().tolist(),
        "drag_coefficient": [flyout.drag_coefficient(mach) for mach in (0.5, 0.9, 1.3, 2.2, 7.0)],
        "fly_out": _flown(),
        "thrust_for": flyout.thrust_for(_MISSILE, flyout.air_column(), 1900.0),
        "burnout_speed": flyout.burnout_speed(_MISSILE, flyout.air_column(), 0.7),
        "lofted": _lofted(),
        "fly_out_table": _fly_outs(),
        "salvo_kill": [lethality.salvo_kill(0.7, n, 0.2) for n in range(4)],
        "pk_at_range": [lethality.pk_at_range(0.6, fall, 9e8) for fall in (0.0, 5e-10, 5e-9)],
        "shots_expected": [lethality.shots_expected(p, 3) for p in (0.0, 0.7)],
        "cep_sigma": lethality.cep_sigma(30.0),
        "hit_share": [lethality.hit_share(r, cep) for r in (0.0, 30.0, 500.0) for cep in (0.0, 100.0)],
        "area_share": [lethality.area_share(30.0, r) for r in (0.0, 20.0, 100.0)],
        "damage_share": [lethality.damage_share(n, 0.3) for n in range(3)],
    }


if __name__ == "__main__":
    print(json.dumps(probe()))
