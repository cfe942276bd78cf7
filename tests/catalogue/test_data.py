"""The shipped figures: graded, sourced, with honest ranges, and what the published figures say."""

import math
import re
from importlib.resources import files
from typing import Any

import pytest
import yaml

from closedsky.catalogue.library import Figure, cite, figures, load_catalogue
from closedsky.model.claim import Claim, Grade
from closedsky.model.system import System

CATALOGUE = load_catalogue()
ENTRIES = [*CATALOGUE.systems, *CATALOGUE.threats]
FIGURES = [pytest.param(key, figure, id=f"{key}:{figure.path}") for key in ENTRIES for figure in figures(CATALOGUE.entry(key))]

# Typed by hand from the list of published figures: entry, path, value, low, high, unit, grade. Not from the shipped data.
PUBLISHED = [
    ("s-300pmu-2", "missiles.48n6e2.targets.aircraft.range_max", 200, 195, 200, "km", "cited"),
    ("s-300pmu-2", "missiles.48n6e2.targets.ballistic.range_max", 40, 35, 40, "km", "unverified"),
    ("s-300pmu-2", "missiles.48n6e2.altitude_min", 10, 10, 25, "m", "cited"),
    ("s-300pmu-2", "radars.64n6e2.instrumented_range", 300, 260, 300, "km", "unverified"),
    ("s-300pmu-2", "radars.30n6e2.sector", 90, 60, 105, "deg", "cited"),
    ("s-300pmu-2", "fire_unit.channels", 6, 6, 6, "count", "unverified"),
    ("s-300pmu-2", "fire_unit.reaction", 8, 7, 12, "s", "unverified"),
    ("s-400", "missiles.48n6e3.targets.aircraft.range_max", 250, 240, 250, "km", "cited"),
    ("s-400", "missiles.48n6e3.targets.ballistic.range_max", 60, 40, 60, "km", "read"),
    ("s-400", "missiles.40n6e.targets.aircraft.range_max", 380, 350, 400, "km", "cited"),
    ("s-400", "missiles.9m96e2.targets.aircraft.range_max", 120, 120, 135, "km", "unverified"),
    ("s-400", "missiles.48n6e3.target_speed_max", 4800, 2800, 4800, "m/s", "read"),
    ("s-400", "radars.91n6e.detection.range", 390, 340, 400, "km", "unverified"),
    ("s-400", "radars.91n6e.detection.rcs", 4, None, None, "m2", "unverified"),
    ("s-400", "radars.92n6e.detection.range", 200, 150, 250, "km", "cited"),
    ("s-400", "fire_unit.channels", 10, 6, 12, "count", "cited"),
    ("s-400", "fire_unit.launchers", 8, 4, 12, "count", "read"),
    ("patriot-pac-3-mse", "missiles.pac-3-mse.targets.ballistic.range_max", 40, 30, 60, "km", "cited"),
    ("patriot-pac-3-mse", "missiles.pac-3-mse.targets.ballistic.altitude_max", 36, 35, 40, "km", "cited"),
    ("patriot-pac-3-mse", "fire_unit.missiles_guided", 9, 6, 9, "count", "cited"),
    ("patriot-pac-3-mse", "fire_unit.missiles_per_launcher", 12, 12, 12, "count", "cited"),
    ("km-sam-2", "missiles.cheongung-2.targets.aircraft.range_max", 40, 40, 50, "km", "read"),
    ("km-sam-2", "missiles.cheongung-2.targets.ballistic.range_max", 20, 15, 20, "km", "unverified"),
    ("km-sam-2", "missiles.cheongung-2.targets.aircraft.altitude_max", 20, 15, 20, "km", "read"),
    ("qiam-1", "range_max", 750, 700, 800, "km", "read"),
    ("qiam-1", "cep", 500, 50, 500, "m", "unverified"),
    ("fateh-313", "range_max", 500, 500, 500, "km", "read"),
    ("f-16c", "signature.nose", 3, 1.2, 5, "m2", "unverified"),
    ("tomahawk", "height", 50, 30, 100, "m", "unverified"),
    ("shahed-136", "speed", 51, 39, 58, "m/s", "cited"),
    ("shahed-136", "signature.beam", 1.6, 0.3, 3, "m2", "cited"),
]

# Sources of which no figure was read at the address itself: whatever rests on one of these alone is at best cited.
NEVER_READ = {
    "wikipedia-s300",
    "wikipedia-km-sam",
    "wikipedia-patriot",
    "cielo-cerrado",
    "weapons-file",
    "csis-patriot",
    "csis-tomahawk",
}


def claim_at(key: str, path: str) -> Claim:
    return dict(figures(CATALOGUE.entry(key)))[path]


@pytest.mark.parametrize(("key", "path", "value", "low", "high", "unit", "grade"), PUBLISHED)
def test_published_figures(
    key: str, path: str, value: float, low: float | None, high: float | None, unit: str, grade: str
) -> None:
    claim = claim_at(key, path)
    assert (claim.value, claim.low, claim.high, claim.unit, str(claim.grade)) == (value, low, high, unit, grade)


@pytest.mark.parametrize(("key", "figure"), FIGURES)
def test_every_figure_is_graded_and_reasoned(key: str, figure: Figure) -> None:
    claim = figure.claim
    assert claim.grade is not Grade.GIVEN, "'given' is for figures that a scenario sets"
    if claim.grade in (Grade.READ, Grade.CITED):
        assert not set(claim.source) <= {"weapons-file"}, "its only source is a file without an address: unverified"
    if claim.grade is Grade.READ:
        assert not set(claim.source) <= NEVER_READ
    for other in claim.others:
        assert other.note
        assert other.value != claim.value


@pytest.mark.parametrize(("key", "figure"), [param for param in FIGURES if param.values[1].claim.grade is Grade.ASSUMED])
def test_assumed_ranges_are_wide(key: str, figure: Figure) -> None:
    """30 % either way at least; a probability need not go beyond 0.9, and what is zero has to go both ways."""
    claim = figure.claim
    assert claim.low is not None
    assert claim.high is not None
    if claim.value == 0.0:
        assert claim.low < 0.0 < claim.high
        return
    assert claim.low <= 0.7 * claim.value * (1 + 1e-9)
    top = 1.3 * claim.value if claim.unit != "prob" else min(1.3 * claim.value, 0.9)
    assert claim.high >= top * (1 - 1e-9)


@pytest.mark.parametrize(("key", "figure"), [param for param in FIGURES if param.values[1].path.endswith(".pk")])
def test_one_common_kill_probability(key: str, figure: Figure) -> None:
    claim = figure.claim
    assert (claim.value, claim.low, claim.high, claim.grade) == (0.6, 0.3, 0.9, Grade.ASSUMED)


def test_brochure_kill_probabilities_stand_beside_the_common_one() -> None:
    beside = {
        path: [other.value for other in claim.others]
        for path, claim in figures(CATALOGUE.system("s-300pmu-2"))
        if path.endswith(".pk") and claim.others
    }
    start = "missiles.48n6e2.targets."
    assert beside == {f"{start}aircraft.pk": [0.87, 0.47], f"{start}cruise.pk": [0.62], f"{start}ballistic.pk": [0.63]}


def test_contradictions_of_the_s_400_stand_side_by_side() -> None:
    def beside(path: str) -> list[float]:
        return [other.value for other in claim_at("s-400", path).others]

    assert beside("missiles.40n6e.targets.aircraft.range_max") == [400]
    assert beside("fire_unit.channels") == [36, 80]
    assert beside("fire_unit.missiles_guided") == [72, 160]
    assert beside("radars.91n6e.detection.range") == [230]


def test_every_source_is_used_and_known() -> None:
    used = {key for key, _, _ in cite(map(CATALOGUE.entry, ENTRIES), CATALOGUE, beside=True)}
    assert used == set(CATALOGUE.sources)


def test_sources_say_where_they_are() -> None:
    for key, source in CATALOGUE.sources.items():
        assert source.address or source.note, key
        if source.year is not None:
            assert str(source.year) in str(source.address) or key == "armyrecognition-china-s400", (
                f"{key}: where is the year from?"
            )


def test_nothing_of_the_raid_of_2020_is_in_the_reliability_of_its_missiles() -> None:
    for key in ("qiam-1", "fateh-313"):
        claim = claim_at(key, "reliability")
        assert (claim.value, claim.high) == (0.8, 0.95)
        assert claim.low is not None
        assert claim.low <= 0.6
        assert set(claim.source) == {"newsx-iron-shield", "ildubbio-nove-missili"}


@pytest.mark.parametrize("key", list(CATALOGUE.systems))
def test_systems_hang_together(key: str) -> None:
    system = CATALOGUE.system(key)
    assert isinstance(system, System)
    unit = system.fire_unit
    assert unit.missiles_guided.value >= unit.channels.value
    assert sum(unit.load.values()) == pytest.approx(1.0)
    for missile in system.missiles.values():
        assert missile.altitude_min.high_si < min(envelope.altitude_max.low_si for envelope in missile.targets.values())
        assert missile.range_min.high_si < min(envelope.range_max.low_si for envelope in missile.targets.values())
        if "cruise" in missile.targets:
            assert missile.targets["cruise"].range_max.si <= missile.targets["aircraft"].range_max.si
    for radar in system.radars.values():
        assert radar.detection.range.si <= radar.instrumented_range.high_si
        assert (radar.dwell is None) == (radar.role == "surveillance")


def test_doctrine_is_the_same_for_all() -> None:
    first, *rest = (CATALOGUE.system(key).fire_unit.doctrine for key in CATALOGUE.systems)
    assert all(doctrine == first for doctrine in rest)


# ------------------------------------------------------------------------------------- what the reasons say, worked out again
def test_derived_speeds() -> None:
    """Mean over maximum speed 0.65; vacuum minimum-energy speed for a given range on a sphere."""

    def arrival(ground_range_km: float) -> float:
        half = ground_range_km / 6371.0 / 2.0
        return math.sqrt(3.986004418e14 / 6.371e6 * 2.0 * math.sin(half) / (1.0 + math.sin(half)))

    for key, missile, fastest in [
        ("s-300pmu-2", "48n6e2", 1900),
        ("s-400", "48n6e3", 2000),
        ("s-400", "9m96e2", 1000),
        ("s-400", "9m96e", 900),
        ("km-sam-2", "cheongung-2", 1600),
    ]:
        assert claim_at(key, f"missiles.{missile}.mean_speed").value == pytest.approx(0.65 * fastest, abs=1.0)
    assert claim_at("patriot-pac-3-mse", "missiles.pac-3-mse.target_speed_max").value == pytest.approx(arrival(1000), rel=0.01)
    assert claim_at("km-sam-2", "missiles.cheongung-2.target_speed_max").value == pytest.approx(arrival(600), rel=0.02)
    assert arrival(500) / (5.5 * 9.81) == pytest.approx(claim_at("fateh-313", "boost").value, abs=0.5)


@pytest.mark.parametrize(
    ("key", "explosive_kg", "bar_and_kg_low", "bar_and_kg_high"),
    [
        ("qiam-1", 500, (1.0, 500), (0.25, 725)),
        ("fateh-313", 318, (1.0, 318), (0.25, 725)),
        ("f-16c", 450, (1.0, 450), (0.25, 725)),
        ("shahed-136", 50, (1.0, 40), (0.25, 90)),
        ("tomahawk", 225, (1.0, 225), None),
    ],
)
def test_lethal_radii(
    key: str, explosive_kg: float, bar_and_kg_low: tuple[float, float], bar_and_kg_high: tuple[float, float] | None
) -> None:
    """Cube-root scaling with Brode's curve, 0.975 / Z + 1.455 / Z^2 + 5.85 / Z^3 - 0.019 bar, ground burst."""

    def radius(bar: float, kg: float) -> float:
        near, far = 1.0, 50.0
        for _ in range(60):
            z = (near + far) / 2.0
            near, far = (z, far) if 0.975 / z + 1.455 / z**2 + 5.85 / z**3 - 0.019 > bar else (near, z)
        return float(near * (1.8 * kg) ** (1.0 / 3.0))

    claim = claim_at(key, "lethal_radius")
    assert claim.value == pytest.approx(radius(0.35, explosive_kg), abs=0.6)
    assert claim.low == pytest.approx(radius(*bar_and_kg_low), abs=0.6)
    if bar_and_kg_high:
        assert claim.high == pytest.approx(radius(*bar_and_kg_high), abs=0.6)


# --------------------------------------------------------------------------------------------------------- the files themselves
class _Strict(yaml.SafeLoader):
    """Refuses a key given twice, which the plain loader would swallow."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        assert len(keys) == len(set(keys)), f"key given twice, {node.start_mark}"
        return super().construct_mapping(node, deep)


@pytest.mark.parametrize(
    "name", ["sources.yaml", *(f"{'systems' if key in CATALOGUE.systems else 'threats'}/{key}.yaml" for key in ENTRIES)]
)
def test_files_are_clean(name: str) -> None:
    text = (files("closedsky.catalogue") / "data" / name).read_text(encoding="utf-8")
    yaml.load(text, _Strict)
    assert not re.search(r"[\t\r]| $", text, re.MULTILINE)
    assert not re.search(r"/(home|tmp|root|work|Users)/", text)
    assert len(re.findall(r": &(\w+)", text)) == len(set(re.findall(r": &(\w+)", text)))
    assert set(re.findall(r"[ \[]\*([a-z]\w*)$", text, re.MULTILINE)) == set(re.findall(r": &(\w+)", text)), (
        "an anchor nobody uses"
    )
