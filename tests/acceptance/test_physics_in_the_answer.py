"""What the scenario's settings do to the answer, against closed forms: jamming, parameters, filters, courses, decoys, loads."""

import math
from typing import Any

import numpy as np
import pytest
from pyproj import Geod

import closedsky
from closedsky.api import prepare
from closedsky.physics.constants import EARTH_RADIUS_M
from closedsky.physics.jamming import burn_through_range
from closedsky.physics.radar import range_by_parameters, snr_for
from tests.acceptance.sandbox import ANTENNA_M, HOME, Tree, flight_s, radar, scenario, system, threat

AT_REST = {"terrain": "flat", "earth": {"shape": "sphere", "rotation": "off"}}
SPHERE = Geod(a=EARTH_RADIUS_M, b=EARTH_RADIUS_M)
PD, PFA = 0.5, 1e-6
CLEAR_M = 90e3
HEARS = {"gain": "35 dB", "beamwidth": "2 deg", "side_lobes": "30 dB", "noise_temperature": "600 K"}


def point(east_m: float, north_m: float) -> list[float]:
    lon, lat, _ = SPHERE.fwd(HOME[1], HOME[0], math.degrees(math.atan2(east_m, north_m)), math.hypot(east_m, north_m))
    return [lat, lon]


def slant_m(ground_m: float, altitude_m: float) -> float:
    """Straight-line distance from the unit's antenna over the sphere, by the law of cosines."""
    here, there = EARTH_RADIUS_M + ANTENNA_M, EARTH_RADIUS_M + altitude_m
    return math.sqrt(here**2 + there**2 - 2.0 * here * there * math.cos(ground_m / EARTH_RADIUS_M))


def inbound(from_m: float = 150e3, **more: Any) -> Tree:
    """Straight at the unit, ten kilometres up, 200 m/s."""
    return {"id": "raid", "threat": "target", "motion": level((from_m, 1.0), (1e3, 1.0), 10e3)} | more


def level(start: tuple[float, float], end: tuple[float, float], altitude_m: float) -> Tree:
    """A route at one altitude between two places east and north of the unit, 200 m/s."""
    waypoints = [{"at": point(*place), "altitude_m": altitude_m} for place in (start, end)]
    return {"kind": "route", "speed_mps": 200.0, "waypoints": waypoints}


def a_sky(eye: Tree, group: Tree, **more: Any) -> Tree:
    unit = system(radars={"eye": eye}, speed_mps=6000.0)
    data = scenario(unit, [group], {"target": threat(jammer=more.pop("jammer", None)), "noise": threat(jammer=JAMMER)})
    return data | {"environment": AT_REST | more.pop("environment", {})} | more


JAMMER = {"power_density": "0.05 W/MHz", "frequency_min": "8 GHz", "frequency_max": "12 GHz"}
ANCHOR = {"range": f"{CLEAR_M} m", "rcs": "1 m2", "pd": PD, "pfa": PFA, "swerling": 0}
STEP_M = 200.0 * 0.1  # flown between two cued looks


def eye(**changed: Any) -> Tree:
    return radar(detection=ANCHOR, frequency="10 GHz", receiver=HEARS, confirm={"hits": 1, "looks": 1}) | changed


def noise_at(range_m: float, w_per_mhz: float = 0.05) -> float:
    """J/N in the main lobe, written out: E G λ² / ((4π)² R² k T)."""
    wavelength_m = 299_792_458.0 / 10e9
    return 1e-6 * w_per_mhz * 10**3.5 * wavelength_m**2 / ((4.0 * math.pi * range_m) ** 2 * 1.380649e-23 * 600.0)


def even_odds(data: Tree) -> float:
    """Range at which one look has even odds, off the lock table: it holds one minus the probability of each cued look."""
    made = prepare(closedsky.load(data))
    lock = made.tables.locks[0]
    assert lock["count"] > 0
    at_s = float(lock["origin_ticks"]) / 1e6  # the first look at which the target is held: probability one half and more
    return slant_m(150e3 - 200.0 * at_s, 10e3)


def test_without_noise_the_anchor_holds_in_thin_air() -> None:
    assert even_odds(a_sky(eye(), inbound(), environment={"gas": "off"})) == pytest.approx(CLEAR_M, abs=2 * STEP_M)


def test_a_jammer_on_the_target_is_burnt_through() -> None:
    expected = burn_through_range(CLEAR_M, noise_at(CLEAR_M), 0.0)
    assert expected < 0.5 * CLEAR_M
    assert even_odds(a_sky(eye(), inbound(), environment={"gas": "off"}, jammer=JAMMER)) == pytest.approx(
        expected, abs=2 * STEP_M
    )


def test_an_escort_screens_as_a_jammer_on_the_target_does() -> None:
    escorted = a_sky(eye(), inbound(escort="noise"), environment={"gas": "off"})
    screened = a_sky(eye(), inbound(), environment={"gas": "off"}, jammer=JAMMER)
    assert even_odds(escorted) == even_odds(screened)


@pytest.mark.parametrize(("bearing_deg", "lobe", "w_per_mhz"), [(90.0, 1.0, 0.05), (0.0, 1e-3, 50.0)])
def test_a_jammer_on_station_comes_in_through_the_lobe_it_stands_in(bearing_deg: float, lobe: float, w_per_mhz: float) -> None:
    """R = R₀ (1 + J)^(-1/4). It stands 200 km off at the target's elevation as seen there: in the main lobe, or 90° aside."""
    lon, lat, _ = SPHERE.fwd(HOME[1], HOME[0], bearing_deg, 200e3)
    station = {"id": "far", "threat": "noise", "at": [lat, lon], "altitude_m": 20e3}
    data = a_sky(eye(receiver=HEARS | {"beamwidth": "40 deg"}), inbound(), environment={"gas": "off"}, jamming=[station])
    data["catalogue"]["threats"]["noise"]["jammer"] = JAMMER | {"power_density": f"{w_per_mhz} W/MHz"}
    expected = CLEAR_M * (1.0 + lobe * noise_at(slant_m(200e3, 20e3), w_per_mhz)) ** -0.25
    assert expected < 0.8 * CLEAR_M
    # The beam is 40° wide, so that a few degrees between target and jammer cost 1 % of J at most.
    assert even_odds(data) == pytest.approx(expected, rel=0.01)


def test_a_radar_out_of_the_jammers_band_hears_nothing() -> None:
    data = a_sky(eye(frequency="3 GHz"), inbound(), environment={"gas": "off"}, jammer=JAMMER)
    assert even_odds(data) == pytest.approx(CLEAR_M, abs=2 * STEP_M)


def test_a_radar_by_its_parameters_sees_as_far_as_its_equation_says() -> None:
    values = {"peak_power": "200 kW", "pulse": "20 us", "gain": "38 dB", "noise_temperature": "900 K", "loss": "6 dB", "pfa": PFA}
    one = radar(equation=values, frequency="10 GHz", confirm={"hits": 1, "looks": 1})
    del one["detection"]
    expected = range_by_parameters(
        200e3, 20e-6, 10**3.8, 299_792_458.0 / 10e9, 1.0, snr_for(0, PD, PFA), 900.0, 10**0.6
    )  # fmt: skip
    assert 30e3 < expected < 130e3
    assert even_odds(a_sky(one, inbound(), environment={"gas": "off"})) == pytest.approx(expected, abs=2 * STEP_M)


def test_the_air_takes_what_the_target_is_farther_than_the_anchors_air() -> None:
    """A published range has the air of its own path in it, so a target seen on that path is seen there, air or not."""
    assert even_odds(a_sky(eye(), inbound())) == pytest.approx(CLEAR_M, abs=3 * STEP_M)
    # A parameter radar has no air in it: at 10 GHz some 90 km of low air cost two decibels and more there and back.
    values = {"peak_power": "200 kW", "pulse": "20 us", "gain": "38 dB", "noise_temperature": "900 K", "loss": "6 dB", "pfa": PFA}
    one = radar(equation=values, frequency="10 GHz", confirm={"hits": 1, "looks": 1})
    del one["detection"]
    clear, wet = (even_odds(a_sky(one, inbound(), environment={"gas": gas})) for gas in ("off", "on"))
    assert 0.85 * clear < wet < 0.99 * clear


def test_what_crosses_slowly_is_filtered_out_and_counted_as_seen_too_weakly() -> None:
    group = {"id": "raid", "threat": "target", "motion": level((30e3, -3e3), (30e3, 3e3), 10e3)}
    # 3 km to the side of 30 km: radially at most 200 * 3 / sqrt(30² + 10² + 3²) = 19 m/s
    for least, cause in (("15 m/s", "engaged_and_missed"), ("21 m/s", "seen_too_weakly")):
        data = a_sky(eye(detection=ANCHOR | {"range": "20000 km"}, radial_speed_min=least), group)
        missile = data["catalogue"]["systems"]["ideal"]["missiles"]["round"]
        missile["guidance"], missile["targets"]["cruise"]["pk"] = "arh", 0.0  # one look is enough to launch
        result = closedsky.run(data, trials=20)
        assert result.variants[0].why_no_shot[cause].mean == 1.0, least


def test_clutter_hides_low_and_slow_at_its_likely_and_high_end() -> None:
    """120 m up the loss takes R to R₀ L^(-1/4); twenty decibels more to R₀ L^(-1/4) / 3.16."""
    low = inbound()
    low["motion"]["waypoints"] = [{"at": way["at"], "altitude_m": 4e3} for way in low["motion"]["waypoints"]]
    loss = {"loss": {"value": 10, "low": 0, "high": 20, "unit": "dB"}, "height": "10 km", "radial_speed": "400 m/s"}
    for which, share in (("off", 1.0), ("likely", 10**-0.25), ("high", 10**-0.5)):
        data = a_sky(eye(clutter=loss), low, environment={"gas": "off", "clutter": which})
        made = prepare(closedsky.load(data))
        at_s = float(made.tables.locks[0]["origin_ticks"]) / 1e6
        assert slant_m(150e3 - 200.0 * at_s, 4e3) == pytest.approx(CLEAR_M * share, abs=2 * STEP_M)


# ---------------------------------------------------------------------------------------------------------------- envelopes


def windows_of(limit: Tree, east_m: float, manoeuvres: bool = False) -> np.ndarray:
    """Launch windows (open, close in s) on a target that passes the unit northward at a lateral offset, 1 km up, 200 m/s."""
    way = level((east_m, -60e3), (east_m, 60e3), 1e3)
    unit = system(speed_mps=1000.0, reach_m=50e3)
    unit["missiles"]["round"]["targets"]["cruise"] |= limit
    data = scenario(unit, [{"id": "raid", "threat": "target", "motion": way, "manoeuvres": manoeuvres}])
    table = prepare(closedsky.load(data | {"environment": AT_REST})).tables.windows
    return np.array([[row["open_ticks"], row["close_ticks"]] for row in table]).reshape(-1, 2) / 1e6


def test_a_course_beyond_the_crossing_limit_is_out_of_reach() -> None:
    assert len(windows_of({"crossing_max": "20 km"}, 19.8e3)) == 1
    assert len(windows_of({"crossing_max": "20 km"}, 20.2e3)) == 0


def test_going_away_it_is_reached_less_far() -> None:
    """It is abeam after 300 s. The last intercept is where it is as far as the limit: 300 s + 15 km / 200 m/s, less the flight there."""
    away_m = math.sqrt(15e3**2 - 5e3**2)
    last_s = 300.0 + away_m / 200.0 - flight_s(15e3, 1e3 - ANTENNA_M, 1000.0)
    assert windows_of({"receding_max": "15 km"}, 5e3)[-1, 1] == pytest.approx(last_s, abs=0.5)


def test_a_target_that_manoeuvres_is_reached_less_far() -> None:
    first_s = 300.0 - math.sqrt(25e3**2 - 5e3**2) / 200.0 - flight_s(25e3, 1e3 - ANTENNA_M, 1000.0)
    assert windows_of({"manoeuvring_max": "25 km"}, 5e3, manoeuvres=True)[0, 0] == pytest.approx(first_s, abs=0.5)
    assert windows_of({"manoeuvring_max": "25 km"}, 5e3)[0, 0] < first_s - 60.0


# ------------------------------------------------------------------------------------------------------------ decoys and loads


def test_decoys_draw_fire_and_are_in_no_leakage() -> None:
    """Five rounds, five decoys, then five threats: every round goes at a decoy and every threat leaks."""
    unit = system(pk=1.0, channels=20, rounds=5)
    first = inbound(count=5, threat="decoy", id="decoys")
    data = scenario(unit, [first, inbound(count=5, start_s=60.0)], {"target": threat(), "decoy": threat(decoy=True)})
    metrics = {metric.id: metric.mean for metric in closedsky.run(data, trials=40).variants[0].metrics}
    assert metrics["decoys"] == metrics["decoys_engaged"] == metrics["rounds_at_decoys"] == metrics["rounds_fired"] == 5.0
    assert metrics["leakage_per_launched"] == 1.0
    assert metrics["leakers"] == metrics["impacts"] == 5.0
    assert metrics["killed"] == 0.0


def test_small_missiles_share_a_launcher_place() -> None:
    """Two launchers of four places, three in four with big rounds, the rest with four small ones each."""
    unit = system(rounds=2)
    big = unit["missiles"]["round"]
    unit["missiles"] = {"big": big, "small": big | {"per_place": 4}}
    unit["fire_unit"] |= {"missiles_per_launcher": 4, "load": {"big": 0.75, "small": 0.25}}
    made = prepare(closedsky.load(scenario(unit, [inbound()])))
    assert dict(zip(made.names.magazines, made.loaded, strict=True)) == {("unit", "big"): 6, ("unit", "small"): 8}


def test_the_lowest_target_is_above_the_ground_wherever_the_ground_is() -> None:
    """Cruise missiles 8 m up are below a missile's 10 m on a plateau, in a hollow and at sea level; 12 m up they are not."""
    for ground_m in (-300, 0, 1000):
        for height_m, rounds in ((8.0, 0.0), (12.0, 4.0)):
            unit = system(pk=1.0, channels=4)
            unit["missiles"]["round"]["altitude_min"] = "10 m"
            way = {"kind": "route", "speed_mps": 200.0, "waypoints": [
                {"at": point(12e3, 1.0), "height_m": height_m}, {"at": point(1e3, 1.0), "height_m": height_m}]}  # fmt: skip
            data = scenario(unit, [{"id": "raid", "threat": "target", "count": 4, "spacing_s": 2.0, "motion": way}])
            data["environment"] = AT_REST | {"terrain": {"flat": ground_m}}
            metrics = {metric.id: metric.mean for metric in closedsky.run(data, trials=10).variants[0].metrics}
            assert metrics["rounds_fired"] == rounds, (ground_m, height_m)


@pytest.mark.parametrize(
    ("of_missile", "of_class", "shoots"), [("0 m", None, True), ("0 m", "10 m", False), ("10 m", "5 m", True)]
)
def test_the_lowest_target_of_a_class_is_its_own_where_there_is_one(of_missile: str, of_class: str | None, shoots: bool) -> None:
    """Cruise missiles 8 m up, in a raid and on a map; the missile's own figure then no longer counts as used."""
    unit = system(reach_m=20_000.0, pk=1.0, channels=4)
    unit["missiles"]["round"]["altitude_min"] = of_missile
    if of_class is not None:
        unit["missiles"]["round"]["targets"]["cruise"]["altitude_min"] = of_class
    way = {"kind": "route", "speed_mps": 200.0, "waypoints": [
        {"at": point(12e3, 1.0), "height_m": 8.0}, {"at": point(1e3, 1.0), "height_m": 8.0}]}  # fmt: skip
    data = scenario(unit, [{"id": "raid", "threat": "target", "count": 4, "spacing_s": 2.0, "motion": way}])
    metrics = {metric.id: metric.mean for metric in closedsky.run(data, trials=10).variants[0].metrics}
    assert metrics["rounds_fired"] == (4.0 if shoots else 0.0)
    target = {"kind": "cruise", "rcs_m2": 1.0, "speed_mps": 200.0}
    sky = closedsky.cover(data, heights_m=(8.0,), target=target, cell_m=1000, draws=0).answer
    assert (sky.levels[0].engageable_km2.likely > 0.0) is (sky.levels[0].closed_km2.likely > 0.0) is shoots
    paths = {figure.path for entry, figure in prepare(closedsky.load(data)).situation.figures() if entry == "ideal"}
    assert ("missiles.round.altitude_min" in paths) is (of_class is None)
    assert ("missiles.round.targets.cruise.altitude_min" in paths) is (of_class is not None)


def test_the_figures_of_an_answer_are_those_of_what_is_on_the_launchers() -> None:
    """A deployment's own rounds decide which missiles count, and how many launchers the catalogue gives no longer does."""
    data = scenario(None, [inbound(threat="tomahawk")])
    data["defence"] = [{"id": "unit", "system": "s-400", "at": list(HOME), "rounds": {"9m96e": 16}, "sensors": False}]
    paths = {figure.path for entry, figure in prepare(closedsky.load(data)).situation.figures() if entry == "s-400"}
    assert {path.split(".")[1] for path in paths if path.startswith("missiles.")} == {"9m96e"}
    assert {path.split(".")[1] for path in paths if path.startswith("radars.")} == {"92n6e"}
    assert "fire_unit.channels" in paths
    assert not {"fire_unit.launchers", "fire_unit.missiles_per_launcher"} & paths
