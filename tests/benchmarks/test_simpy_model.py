"""The peer of the benchmark plays the same game: otherwise its speed says nothing about ours."""

import numpy as np
import pytest

from benchmarks.__main__ import COMPARED, WIDEST_Z, two_sample_z
from benchmarks.raids import SIZES, raid
from benchmarks.simpy_model import Counts, Raid
from closedsky import api
from closedsky.engine import run as engine
from closedsky.engine.layout import LAUNCHED


@pytest.mark.parametrize("name", SIZES)
def test_raid_is_the_size_it_says(name: str) -> None:
    size = SIZES[name]
    data = raid(name)
    assert sum(group["count"] for group in data["raid"]) == size.threats
    assert (len(data["defence"]), len(data["sensors"])) == (size.batteries, size.radars)
    assert {group["threat"] for group in data["raid"]} == {kind.threat for kind in size.kinds}
    assert data == raid(name)
    loads = [[unit["rounds"] for unit in raid(name, times)["defence"]] for times in (1, 4)]
    assert loads[1] == [{missile: 4 * rounds for missile, rounds in unit.items()} for unit in loads[0]]


@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.slow) if name == "C" else name for name in SIZES])
def test_raid_is_over_in_time(name: str) -> None:
    prepared = api.prepare(api.load(raid(name)))
    threats, flights = prepared.packed.raid.threats, prepared.packed.raid.flights
    assert (threats["start_s"] - threats["jitter_s"]).min() >= 0.0
    assert (threats["start_s"] + threats["jitter_s"] + flights["duration_s"][threats["flight"]]).max() <= SIZES[name].length_s


@pytest.mark.parametrize(
    ("name", "rounds", "trials"),
    [
        ("A", 1, 500),
        ("P", 1, 200),
        ("B", 1, 100),
        pytest.param("A", 4, 3000, marks=pytest.mark.slow),
        pytest.param("B", 4, 500, marks=pytest.mark.slow),
        pytest.param("P", 4, 1000, marks=pytest.mark.slow),
        pytest.param("C", 4, 30, marks=pytest.mark.slow),
    ],
)
def test_simpy_agrees(name: str, rounds: int, trials: int) -> None:
    prepared = api.prepare(api.load(raid(name, rounds)))
    ours = engine.run(prepared.packed, prepared.tables, seed=3, trials=10 * trials, threads=2)
    peer = Raid(prepared.packed, prepared.tables, seed=3)
    theirs = np.array([peer.trial() for _ in range(trials)], np.float64)
    assert set(theirs[:, Counts._fields.index("launched")]) == set(ours.counts[:, LAUNCHED])
    for what, column in COMPARED.items():
        assert abs(two_sample_z(ours.counts[:, column].astype(np.float64), theirs[:, Counts._fields.index(what)])) < WIDEST_Z, (
            what
        )


def test_all_that_was_reserved_comes_back() -> None:
    prepared = api.prepare(api.load(raid("B")))
    peer = Raid(prepared.packed, prepared.tables, seed=4)
    for _ in range(5):
        peer.trial()
        assert all(magazine.free == magazine.stock >= 0 for magazine in peer.magazines)
        assert all((unit.channels, unit.guidance) == (unit.channels_all, unit.guidance_all) for unit in peer.units)
