"""Claims: files and their faults, the ledger, and an assessment whose every share is the area of a disc.

One unit on level ground sees everything above the horizon. Against a threat that comes straight at 1 km, seen some 140 km away, a missile
of 1000 m/s is in time anywhere within its reach R, so that the sky closes in a disc of radius R: at its edge if the threat flies in, on
the way if it crosses. R is 50 km, 20 to 80 km. Of a square of half a side s the disc covers pi R² / 4 s², or all once R >= s sqrt 2.
"""

import json
import math
from pathlib import Path

import pytest
import yaml

import closedsky
from closedsky import api
from closedsky.catalogue.library import load_catalogue
from closedsky.catalogue.words import grades_in_words
from closedsky.claims import assess as claims
from closedsky.claims import ledger
from closedsky.claims.report import render_assessment, render_ledger
from closedsky.errors import RequestError, ScenarioError
from closedsky.geo.area import outline_area
from closedsky.model.verdict import Assessment
from closedsky.scenario.load import known_variants
from tests.acceptance.sandbox import Tree
from tests.claims.square import CLAIM, square, write
from tests.command import closedsky as command

TOLERANCE = 0.02
"""A kilometre of height takes 0.25 % off the area of the smallest disc, cells of 1 to 2.5 km as much as 1.5 % off its rim."""


def disc_share(reach_km: float, half_km: float) -> float:
    area = outline_area([(lat, lon) for lat, lon in square(half_km)], "square").area_km2
    return math.pi * reach_km**2 / area


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("claims")


def test_what_the_low_end_closes_is_supported(folder: Path) -> None:
    answer = claims.assess(write(folder, 10.0, what_if=[{"title": "it is at 5 km", "level_m": 5000}]))
    assert answer.verdict == "supported"
    assert answer.tests[0].share.model_dump() == {"low": 1.0, "likely": 1.0, "high": 1.0}
    assert answer.flip.flips == ()
    assert answer.flip.heaviest is None
    assert answer.flip.nearest is not None
    assert answer.flip.nearest.gap == pytest.approx(0.05)  # all of it is closed, 0.95 needed


def test_what_lies_between_the_ends_is_not_refuted_and_its_flips_are_found(folder: Path) -> None:
    what_ifs = [{"title": "a tenth is enough", "at_least": 0.1}, {"title": "it is faster", "speed_mps": 300}]
    answer = claims.assess(write(folder, 50.0, what_if=what_ifs))
    share = answer.tests[0].share
    assert answer.verdict == "not refuted"
    assert share.low == pytest.approx(disc_share(20.0, 50.0), rel=TOLERANCE)
    assert share.likely == pytest.approx(disc_share(50.0, 50.0), rel=TOLERANCE)
    assert share.high == 1.0
    flips = {one.what: one for one in answer.flip.flips}
    figure = "ideal: missiles.round.targets.cruise.range_max at"
    assert {what: one.verdict for what, one in flips.items()} == {
        f"{figure} 20 km": "refuted", f"{figure} 80 km": "supported", "a tenth is enough": "supported",
    }  # fmt: skip
    assert flips[f"{figure} 20 km"].share == pytest.approx(disc_share(20.0, 50.0), rel=TOLERANCE)
    assert answer.flip.nearest is not None
    assert answer.flip.nearest.what == "it is faster"
    assert (answer.flip.figures, answer.flip.settled, answer.flip.what_ifs) == (1, 0, 2)


def test_what_the_high_end_leaves_open_is_refuted(folder: Path) -> None:
    what_ifs = [{"title": "four tenths are enough", "at_least": 0.4}, {"title": "nine tenths are enough", "at_least": 0.9}]
    answer = claims.assess(write(folder, 100.0, what_if=what_ifs))
    assert answer.verdict == "refuted"
    assert answer.tests[0].share.high == pytest.approx(disc_share(80.0, 100.0), rel=TOLERANCE)
    assert [one.what for one in answer.flip.flips] == ["four tenths are enough"]
    assert answer.flip.nearest is not None
    assert answer.flip.nearest.what == "nine tenths are enough"
    assert (answer.flip.figures, answer.flip.settled) == (0, 1)  # the one figure stands at its high end in the verdict itself
    heaviest = answer.flip.heaviest
    assert heaviest is not None
    assert (heaviest.figure, heaviest.end) == ("ideal: missiles.round.targets.cruise.range_max", 80.0)
    assert heaviest.as_chosen == pytest.approx(disc_share(50.0, 100.0), rel=TOLERANCE)
    assert heaviest.share == pytest.approx(disc_share(80.0, 100.0), rel=TOLERANCE)


def test_a_refuted_claim_says_how_many_units_it_would_take(folder: Path) -> None:
    """A disc of 80 km closes 20,100 km2 of a square of 40,000; of 95 % of it two would do, were they no discs."""
    answer = claims.assess(write(folder, 100.0))
    need, disc_km2 = answer.need, math.pi * 80.0**2
    assert need is not None
    assert (need.test, need.unit) == (0, "unit")
    assert need.alone_km2 == pytest.approx(disc_km2, rel=TOLERANCE)
    assert need.most_km2 == pytest.approx(disc_km2, rel=TOLERANCE)
    assert (need.side_by_side, need.at_least) == (2, 2)
    assert need.needed_km2 == pytest.approx(0.95 * disc_km2 / disc_share(80.0, 100.0), rel=1e-3)
    assert answer.answer == "Refuted: not even with every figure in its favour."
    assert answer.number.endswith("so at least 2 would be needed.")


def test_a_share_out_of_reach_of_the_published_range_needs_no_simulation(folder: Path) -> None:
    """The circle of 80 km is the disc itself; the half of the square lies within it, and so does all of a smaller square."""
    tests = [{"scenario": "square.yaml", "level_m": 1000, "at_least": share} for share in (0.95, 0.4)]
    far = claims.assess(write(folder, 100.0, tests=[*tests, {**tests[0], "measure": "tracked_share"}]))
    assert far.tests[0].circles_share == pytest.approx(disc_share(80.0, 100.0), rel=2 * TOLERANCE)
    assert [one.by_arithmetic for one in far.tests] == [True, False, False]
    assert far.tests[2].circles_share is None  # missiles do not matter to what is tracked
    near = claims.assess(write(folder, 10.0))
    assert (near.tests[0].circles_share, near.tests[0].by_arithmetic, near.need) == (1.0, False, None)


def test_words_that_nobody_could_read_get_no_verdict_but_a_computation(folder: Path) -> None:
    path = write(folder, 100.0, grade="unverified", words="paraphrase")
    answer = claims.assess(path)
    assert (answer.verdict, answer.computed) == ("not tested: source not verified", "refuted")
    assert answer.answer.startswith("Not tested: source not verified. The computation stands: refuted, not even")
    entry = ledger.find(str(path))
    text = render_assessment(answer, entry.claim, ledger.sources_of(entry), 400).splitlines()
    assert text[:2] == [answer.answer, answer.number]
    assert sum(answer.by_grade.values()) == answer.figures
    assert f"· By grade: {grades_in_words(answer.by_grade)}." in [line.strip() for line in text]
    assert "  It is closed. (a paraphrase: not the speaker's own words)" in text
    assert "Computed: refuted" in text
    assert not any(line.startswith("Verdict") for line in text)


def test_every_test_has_to_hold(folder: Path) -> None:
    """One that holds at the low end, one that fails at the high end: at 1 m height the horizon, some 17 km, is nearer than a corner."""
    tests = [{"scenario": "square.yaml", "level_m": level} for level in (1000, 1)]
    answer = claims.assess(write(folder, 14.0, tests=tests))
    assert [one.verdict for one in answer.tests] == ["supported", "refuted"]
    assert answer.verdict == "refuted"
    assert answer.why.startswith("1 of 2 tests")


# ---------------------------------------------------------------------------------------------------------- files and their faults


@pytest.mark.parametrize(
    ("changed", "line", "says"),
    [
        ("speaker: Somebody\n", "1: speaker", "'speaker' is missing"),
        ("speaker: Somebody\nspeeker: Somebody else\n", "6: speeker", "did you mean 'speaker'?"),
        ("speaker: Somebody\ndate: yesterday\n", "6: date", "is no date"),
        ("speaker: Somebody\ngrade: sure\n", "6: grade", "allowed: read, cited, unverified"),
        ("speaker: Somebody\nwords: his\n", "6: words", "allowed: quotation, translation, paraphrase"),
        ("speaker: Somebody\ntests: []\n", "6: tests", "give at least 1"),
        (
            "speaker: Somebody\ntests: [{scenario: square, level_m: 100, at_least: 95}]\n",
            "6: tests[0].at_least",
            "give at most 1",
        ),
        ("speaker: Somebody\nwhat_if: [{title: nothing}]\n", "6: what_if[0]", "it changes nothing"),
        ("speaker: Somebody\nnote: said: so\n", "6", "not valid YAML"),
    ],
)
def test_a_fault_is_told_with_its_line(tmp_path: Path, changed: str, line: str, says: str) -> None:
    path = tmp_path / "claim.yaml"
    given = yaml.safe_load(changed) if "said: so" not in changed else {}
    rest = {"tests": [{"scenario": "square", "level_m": 100}], **CLAIM}
    kept = {key: value for key, value in rest.items() if key not in {"closedsky", "id", "said", "speaker", *given}}
    body = "".join(f"{key}: {json.dumps(value)}\n" for key, value in kept.items())
    head = "closedsky: 1\nid: it-is-closed\n\nsaid: It is closed.\n"
    path.write_text(head + (changed if says != "'speaker' is missing" else "") + body)
    with pytest.raises(ScenarioError) as caught:
        ledger.find(str(path))
    (fault,) = caught.value.faults
    assert fault.where == f"{path}:{line}"
    assert says in f"{fault.what}; {fault.fix}"


def test_a_scenario_is_no_claim() -> None:
    with pytest.raises(ScenarioError, match="this is a scenario, not a claim"):
        ledger.find(str(api.examples()["close-the-sky-iran"]))


def test_an_empty_file_is_no_claim(tmp_path: Path) -> None:
    path = tmp_path / "claim.yaml"
    path.write_text("")
    with pytest.raises(ScenarioError, match="the file is empty") as caught:
        ledger.find(str(path))
    assert caught.value.faults[0].fix == "write a claim into it"


@pytest.mark.parametrize(
    ("changed", "where", "says"),
    [
        ({"tests": [{"scenario": "nowhere", "level_m": 1}]}, "tests[0]", "no file and no example called 'nowhere'"),
        ({"tests": [{"scenario": "square.yaml", "variant": "b", "level_m": 1}]}, "tests[0]", "has no variant 'b'"),
        ({"tests": [{"scenario": "first-battery", "level_m": 1}]}, "tests[0]", "no country and no outline"),
        ({"source": ["b-book"]}, "source", "there is no source 'b-book'"),
    ],
)
def test_a_claim_that_names_what_is_not_there_says_so(tmp_path: Path, changed: Tree, where: str, says: str) -> None:
    path = write(tmp_path, 10.0, **changed)
    with pytest.raises(RequestError) as caught:
        claims.assess(path)
    (fault,) = caught.value.faults
    assert fault.where == f"{path}: {where}"
    assert says in fault.what


def test_a_wrong_name_or_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="did you mean 'close-the-sky-iran'"):
        ledger.find("close-the-sky-irann")
    with pytest.raises(RequestError, match="no such folder"):
        ledger.ledger(tmp_path / "nowhere")
    with pytest.raises(RequestError, match="no claim in it"):
        ledger.ledger(tmp_path)


def test_a_folder_of_ones_own_adds_to_the_ledger_and_stands_before_it(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(json.dumps(CLAIM | {"tests": [{"scenario": "x", "level_m": 1}]}))
    (tmp_path / "b.yaml").write_text(json.dumps(CLAIM | {"id": "no-navy", "tests": [{"scenario": "x", "level_m": 1}]}))
    found = ledger.ledger(tmp_path)
    assert found.keys() == {*ledger.ledger(), "it-is-closed"}
    assert found["no-navy"].path == tmp_path / "b.yaml"
    assert ledger.find("it-is-closed", tmp_path).claim.speaker == "Somebody"


# ------------------------------------------------------------------------------------------------------------------- what is shipped


@pytest.mark.parametrize("name", ["close-the-sky-iran", "no-navy", "sovereignty-iraq"])
def test_a_shipped_claim_names_scenarios_variants_and_sources_that_exist(name: str) -> None:
    entry = ledger.find(name)
    assert entry.path.stem == entry.claim.id == name
    assert all(source.address for source in ledger.sources_of(entry).values())
    for test in entry.claim.tests:
        loaded = closedsky.load(test.scenario)
        variants = [one.variant for one in (test, *entry.claim.what_if) if one.variant is not None]
        known_variants(loaded, variants)
        cover = loaded.variants[test.variant or next(iter(loaded.variants))].cover
        assert cover is not None
        assert cover.country or cover.outline


@pytest.mark.parametrize("name", ["close-the-sky-iran", "no-navy", "sovereignty-iraq"])
def test_among_the_what_ifs_are_a_stealthy_aircraft_and_many_together(name: str) -> None:
    what_ifs = [one.changes() for one in ledger.find(name).claim.what_if]
    nose = load_catalogue().threats["f-35a"].signature.nose
    assert any(one.get("rcs_m2") == nose.value for one in what_ifs)
    assert {"together": 12} in what_ifs


def test_a_paraphrase_is_called_one() -> None:
    assert {name: entry.claim.words for name, entry in ledger.ledger().items()} == {
        "close-the-sky-iran": "translation", "no-navy": "translation", "sovereignty-iraq": "paraphrase",
    }  # fmt: skip
    text = " ".join(render_ledger([ledger.find("sovereignty-iraq").claim]).split())
    assert "“" not in text
    assert "protection (a paraphrase" in text


def test_the_sentence_that_could_not_be_read_is_graded_so() -> None:
    statement = ledger.find("no-navy").claim
    assert statement.grade == "unverified"
    assert "not named" in statement.speaker


def test_the_command_lists_assesses_and_refuses(folder: Path) -> None:
    listed = command("claims")
    assert listed.returncode == 0
    assert all(entry.claim.speaker in listed.stdout for entry in ledger.ledger().values())
    path = write(folder, 100.0, what_if=[{"title": "four tenths are enough", "at_least": 0.4}])
    text = command("claims", str(path))
    assert text.returncode == 0, text.stderr
    assert text.stdout.startswith("Refuted: not even with every figure in its favour.\nAt 1,000 m")
    assert "needs no simulation" in text.stdout
    assert "Verdict: refuted\n" in text.stdout  # no label of coarse terrain on level ground
    assert "four tenths are enough: then it is not refuted" in text.stdout
    told = command("claims", str(path), "--json", "--threads", "1")
    assert Assessment.model_validate_json(told.stdout).verdict == "refuted"
    for wrong, says in ((("nothing-like-it",), "claims: close-the-sky-iran"), (("no-navy", "--threads", "0"), "--threads")):
        done = command("claims", *wrong)
        assert (done.returncode, done.stdout) == (2, "")
        assert says in done.stderr
        assert "Traceback" not in done.stderr


def test_a_verdict_on_terrain_too_coarse_says_so_in_words(folder: Path) -> None:
    answer = claims.assess(write(folder, 10.0, "world"))
    assert answer.tests[0].terrain.upper_bound
    assert answer.tests[0].share.low == 1.0
    assert answer.verdict == "not refuted"
    assert "upper bound" in answer.why
