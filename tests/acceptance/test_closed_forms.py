"""Salvo, shoot-look-shoot, one barrage: outcomes of the public `run` against their formulae, within 4 standard errors."""

import math

import numpy as np
import pytest
from scipy.stats import binom

import closedsky
from closedsky.api import detailed_run
from tests.acceptance.sandbox import Tree, column, hover, radar, scenario, share_error, system, threat, within
from tests.reference.tables import rows
from tests.validation.book import Agrees
from tests.validation.counting import salvo_leak, stopped_at_the_first_hit, two_judged_shots

TRIALS = 40_000


SALVO = {"part": "salvo, shoot-look-shoot", "kind": "standard errors", "tolerance": 4.0}


def one_target(unit: Tree, seconds: float = 200.0, **changed: object) -> Tree:
    return scenario(unit, [{"id": "lone", "threat": "target", "motion": hover(20_000.0, seconds)}], **changed)


# ------------------------------------------------------------------------------------------------------------------- salvo


@pytest.mark.parametrize("n", [1, 2, 4])
@pytest.mark.parametrize("p", [0.3, 0.7])
@pytest.mark.parametrize("correlation", [0.0, 0.35, 1.0])
def test_a_salvo_leaks_as_the_formula_says(p: float, n: int, correlation: float, agrees: Agrees) -> None:
    """ρ (1 - p) + (1 - ρ) (1 - p)ⁿ: a share ρ of salvos succeeds or fails as one, in the others each round is on its own."""
    unit = system(pk=p, salvo=n, max_rounds=n, reaction_s=1.0, interval_s=0.5)
    result = closedsky.run(one_target(unit, settings={"salvo_correlation": correlation}), trials=TRIALS, seed=11)
    answer = result.variants[0]
    expected = correlation * (1.0 - p) + (1.0 - correlation) * (1.0 - p) ** n
    leakage = answer.metric("leakage_per_launched")
    agrees(
        **SALVO,
        authority="salvo of independent and like rounds",
        quantity=f"leakage, p {p}, {n} rounds, correlation {correlation}",
        theirs=expected,
        ours=leakage.mean,
        standard_error=share_error(expected, TRIALS),
        second=("all outcomes counted", salvo_leak(p, n, correlation)),
        second_within=1e-12,
        source="ρ (1 - p) + (1 - ρ) (1 - p)ⁿ; ρ = 0 is (1 - p)ⁿ",
    )
    assert answer.metric("rounds_fired").mean == n
    assert answer.why_no_shot["engaged_and_missed"].mean == pytest.approx(leakage.mean, abs=1e-12)


def test_a_certain_kill_never_misses_and_a_hopeless_one_never_kills() -> None:
    for p, leakage in ((1.0, 0.0), (0.0, 1.0)):
        answer = closedsky.run(one_target(system(pk=p, salvo=2, max_rounds=2)), trials=TRIALS, seed=12).variants[0]
        assert answer.metric("leakage_per_launched").mean == leakage


# -------------------------------------------------------------------------------------------------------- shoot, look, shoot


@pytest.mark.parametrize("row", rows("shoot_look_shoot"), ids=lambda row: f"{row['kill_probability']}-{row['most_shots']}")
def test_shoot_look_shoot(row: dict[str, str], agrees: Agrees) -> None:
    """One round, a look without error, and again up to n rounds: the kill probability and the rounds spent are those of the table."""
    p, n = float(row["kill_probability"]), int(row["most_shots"])
    unit = system(pk=p, salvo=1, max_rounds=n, reaction_s=1.0, assessment_s=1.0)
    answer = closedsky.run(one_target(unit), trials=TRIALS, seed=13).variants[0]
    kill, shots = float(row["kill"]), float(row["expected_shots"])
    counted_shots, counted_kill = stopped_at_the_first_hit(p, n)
    common = SALVO | {"authority": "shoot-look-shoot", "second_within": 1e-12, "source": row["source"]}
    agrees(
        **common,
        quantity=f"killed, p {p}, {n} at most",
        theirs=kill,
        ours=answer.metric("killed").mean,
        standard_error=share_error(kill, TRIALS),
        second=("all outcomes counted", counted_kill),
    )
    # The number of shots is geometric, cut at n.
    chance = [p * (1.0 - p) ** (k - 1) for k in range(1, n)] + [(1.0 - p) ** (n - 1)]
    variance = math.fsum(q * (k + 1) ** 2 for k, q in enumerate(chance)) - shots**2
    agrees(
        **common,
        quantity=f"rounds fired, p {p}, {n} at most",
        theirs=shots,
        ours=answer.metric("rounds_fired").mean,
        standard_error=math.sqrt(variance / TRIALS),
        second=("all outcomes counted", counted_shots),
    )


def test_time_for_fewer_looks_means_fewer_shots() -> None:
    """Each shot takes 21.6 s of flight and 1 s of assessment after a reaction of 1 s: 62.5 s of target are enough for 2 shots, not 3."""
    unit = system(pk=0.5, salvo=1, max_rounds=4, reaction_s=1.0, assessment_s=1.0)
    answer = closedsky.run(one_target(unit, 62.5), trials=TRIALS, seed=14).variants[0]
    assert within(answer.metric("killed").mean, 0.75, share_error(0.75, TRIALS))
    assert within(answer.metric("rounds_fired").mean, 1.5, share_error(0.5, TRIALS))


@pytest.mark.parametrize("looks_on", [True, False])
@pytest.mark.parametrize(("false_kill", "false_survival"), [(0.2, 0.0), (0.0, 0.3), (0.25, 0.35)])
def test_shoot_look_shoot_with_errors_of_judgement(
    false_kill: float, false_survival: float, looks_on: bool, agrees: Agrees
) -> None:
    """A dead target taken for alive costs rounds; a survivor taken for dead is shot at again if the radar looks on, else it is let go.

    Two shots at most. Let go, leak: miss, and either taken for dead or missed again; rounds: one, and another if the target is judged
    alive. Tracked again, a false kill costs time only: as if there were none. The radar that does not look on has its next look too late.
    """
    p = 0.6
    eye = radar() if looks_on else radar(revisit="150 s")
    unit = system(
        pk=p, max_rounds=2, reaction_s=1.0, assessment_s=1.0, false_kill=false_kill, false_survival=false_survival, radars={"eye": eye}
    )  # fmt: skip
    answer = closedsky.run(one_target(unit), trials=TRIALS, seed=15).variants[0]
    let_go = 0.0 if looks_on else false_kill
    leak = (1.0 - p) * (let_go + (1.0 - let_go) * (1.0 - p))
    again = (1.0 - p) * (1.0 - let_go) + p * false_survival
    counted_leak, counted_rounds = two_judged_shots(p, let_go, false_survival)
    for what, theirs, metric, error, counted in (
        ("leakage", leak, "leakage_per_launched", share_error(leak, TRIALS), counted_leak),
        ("rounds fired", 1.0 + again, "rounds_fired", share_error(again, TRIALS), counted_rounds),
    ):
        agrees(
            **SALVO,
            authority="shoot-look-shoot with errors of judgement",
            quantity=f"{what}, p {p}, false kill {false_kill}, false survival {false_survival}, {'' if looks_on else 'not '}tracked again",
            theirs=theirs,
            ours=answer.metric(metric).mean,
            standard_error=error,
            second=("all outcomes counted", counted),
            second_within=1e-12,
            source="leak (1 - p) (f + (1 - f) (1 - p)); rounds 1 + (1 - p) (1 - f) + p g; f = 0 where it is tracked again",
        )


def test_reliability_and_aim() -> None:
    """A threat that fails by itself is no leaker; an impact hits within the asset's radius and its own lethal radius.

    Miss distances are Rayleigh with their median at the CEP, so P(miss <= r) = 1 - 2^-(r / CEP)².
    """
    raid = [{"id": "shots", "threat": "target", "count": 20, "motion": {
        "kind": "route", "speed_mps": 250.0, "target": "town", "waypoints": [{"at": [50.1, 10.0], "height_m": 500}]}}]  # fmt: skip
    assets = [{"id": "town", "at": [50.0, 10.0], "radius_m": 60}]
    kinds = {"target": threat(reliability=0.8, cep="100 m", lethal_radius="20 m")}
    answer = closedsky.run(scenario(None, raid, kinds, assets=assets), trials=4000, seed=16).variants[0]
    n = 20 * 4000
    assert within(answer.metric("leakage_per_launched").mean, 0.8, share_error(0.8, n))
    assert answer.metric("leakage_per_arriving").mean == 1.0
    hit = 0.8 * (1.0 - 2.0 ** -(0.8**2))
    assert within(answer.metric("hits.town").mean / 20.0, hit, share_error(hit, n))
    assert answer.metric("leakage_per_threatening").mean == 1.0


# ------------------------------------------------------------------------------------------------------------- one barrage


def wilkening(warheads: int, shots: float, kill: float, track: float) -> float:
    """P(no warhead leaks) = (P_track (1 - (1 - SSPK)ⁿ))^W (Wilkening, Science & Global Security 8(2), 2000)."""
    return float((track * (1.0 - (1.0 - kill) ** shots)) ** warheads)


@pytest.mark.parametrize(("track", "shots"), [(1.0, 3.739), (0.995, 4.232)])
def test_the_formula_gives_the_shots_computed_for_the_anchor(track: float, shots: float) -> None:
    """20 warheads, SSPK 0.7, no leak with probability 0.8."""
    assert wilkening(20, shots, 0.7, track) == pytest.approx(0.8, abs=2e-3)


def barrage(warheads: int, shots: int, kill: float, track: float, salvo: bool) -> Tree:
    """`warheads` threats at once against a unit with a channel for each.

    P_track is the detection probability of the one look that the search radar gets: the threats hover exactly at the range, with the
    cross-section, for which its detection probability is published, and are gone before it looks again.
    """
    range_m, stay_s = 20_000.0, 200.0
    search = radar(
        "surveillance",
        detection={"range": f"{range_m} m", "rcs": "1 m2", "pd": track, "pfa": 1e-6, "swerling": 0},
        revisit=f"{0.8 * stay_s} s" if track < 1.0 else "20 s",
    )
    if track == 1.0:
        search["detection"] = radar()["detection"]
    unit = system(
        pk=kill, channels=warheads, salvo=shots if salvo else 1, max_rounds=shots, speed_mps=4000.0, assessment_s=0.5,
        radars={"eye": radar("engagement"), "search": search}, sensors=("search",),
    )  # fmt: skip
    return scenario(unit, [{"id": "barrage", "threat": "target", "count": warheads, "motion": hover(range_m, stay_s)}])


@pytest.mark.parametrize(
    ("warheads", "shots", "kill", "track", "salvo"),
    [
        (20, 3, 0.7, 1.0, True),
        (20, 4, 0.7, 1.0, True),
        (20, 4, 0.7, 1.0, False),
        (20, 4, 0.7, 0.995, True),
        (20, 5, 0.7, 0.995, False),
        (5, 2, 0.5, 0.8, True),
    ],
)
def test_one_barrage(warheads: int, shots: int, kill: float, track: float, salvo: bool, agrees: Agrees) -> None:
    """Wilkening's formula forward at integer n, as a salvo and by shoot-look-shoot: the look saves rounds and changes no probability."""
    result, [(_, outcomes)] = detailed_run(barrage(warheads, shots, kill, track, salvo), trials=TRIALS, seed=17)
    expected = wilkening(warheads, shots, kill, track)
    leakers = column(outcomes, "leakers")
    leak = 1.0 - track * (1.0 - (1.0 - kill) ** shots)
    case = f"W {warheads}, n {shots} {'as a salvo' if salvo else 'one by one'}, SSPK {kill}, P_track {track}"
    counted_leak = 1.0 - track * stopped_at_the_first_hit(kill, shots)[1]
    for what, theirs, ours, error, second in (
        (
            "no leaker",
            expected,
            float(np.mean(leakers == 0)),
            share_error(expected, TRIALS),
            float(binom.pmf(0, warheads, counted_leak)),
        ),
        (
            "leakers",
            warheads * leak,
            float(np.mean(leakers)),
            warheads * share_error(leak, TRIALS * warheads),
            warheads * counted_leak,
        ),
    ):
        agrees(
            part="one barrage",
            authority="Wilkening 2000",
            quantity=f"{what}: {case}",
            theirs=theirs,
            ours=ours,
            tolerance=4.0,
            kind="standard errors",
            standard_error=error,
            second=("all outcomes counted, SciPy's binomial" if what == "no leaker" else "all outcomes counted", second),
            second_within=1e-12 * warheads,
            source="P(0) = (P_track (1 - (1 - SSPK)^n))^W, Science & Global Security 8(2), 2000, 183-215, "
            "https://scienceandglobalsecurity.org/archive/2000/01/",
        )
    mean = result.variants[0].metric("leakage_per_launched").mean
    assert within(mean, leak, share_error(leak, TRIALS * warheads))
    weak = result.variants[0].why_no_shot["seen_too_weakly"].mean
    assert within(weak, warheads * (1.0 - track), warheads * share_error(1.0 - track, TRIALS * warheads))
