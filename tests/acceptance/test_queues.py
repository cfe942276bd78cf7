"""Channels as servers: loss and waiting against the theory of queues, through the public `run`, with Poisson-timed threats.

A fire unit with c channels, a salvo of one and no second shot is a queue: threats arrive, hold a channel from assignment to assessment,
and are lost if they cannot be launched at while they are there. Agreement within 4 standard errors.
"""

import heapq
import math

import numpy as np
import pytest
from scipy.integrate import quad

from closedsky.api import detailed_run
from tests.acceptance.sandbox import (
    ANTENNA_M,
    GEOD,
    HOME,
    Tree,
    column,
    flight_s,
    hover,
    radar,
    scenario,
    slant_m,
    system,
    threat,
    within,
)
from tests.validation.book import Agrees

Stream = np.random.Generator


# ------------------------------------------------------------------------------------------------------------- the formulae


def erlang_b(servers: int, load: float) -> float:
    """Share of arrivals that find every server busy: B(c) = a B(c-1) / (c + a B(c-1)), B(0) = 1 (Erlang 1917)."""
    blocked = 1.0
    for c in range(1, servers + 1):
        blocked = load * blocked / (c + load * blocked)
    return blocked


def blocked_by_balance(servers: int, load: float) -> float:
    """The same from the balance of each state, solved as linear equations: a p(k-1) = k p(k) for k busy servers, Σ p = 1."""
    balance = np.eye(servers + 1) * np.arange(servers + 1) - load * np.eye(servers + 1, k=-1)
    balance[0] = 1.0
    return float(np.linalg.solve(balance, np.eye(servers + 1)[0])[servers])


def abandoned(servers: int, arrivals: float, service: float, patience: float) -> float:
    """Share of arrivals that leave unserved from an M/M/c queue, first come first served, when each waits `patience` at most (M/M/c+D).

    Barrer, Queuing with impatient customers and ordered service, Operations Research 5 (1957) 650; in the form of Zeltyn and Mandelbaum,
    Call centers with impatient customers, Queueing Systems 51 (2005) 361, for any distribution of patience. In short: the wait
    that a patient customer would be offered has, above nought, the density λ π exp(λ H(x) - c μ x), π being the probability
    of c - 1 busy servers and H(x) = ∫ P(patience > u) du = min(x, τ): work is added at rate λ only by those still willing to
    wait, and taken off at rate c μ. With J = ∫ exp(λ H(x) - c μ x) dx over x > 0 and ε = P(fewer than c busy) / π,

        P(leave) = (1 + (λ - c μ) J) / (ε + λ J),    ε = Σ_{j<c} (a^j / j!) / (a^(c-1) / (c-1)!),    a = λ / μ,
        J = (1 - exp(-(cμ-λ)τ)) / (cμ-λ) + exp(-(cμ-λ)τ) / (cμ).

    The numerator is the balance of flow: λ P(leave) is what arrives less what is served, μ E[busy].
    """
    rate = 1.0 / service
    drift = servers * rate - arrivals
    waiting = patience if abs(drift) < 1e-12 else -math.expm1(-drift * patience) / drift
    j = waiting + math.exp(-drift * patience) / (servers * rate)
    load = arrivals * service
    terms = [load**k / math.factorial(k) for k in range(servers)]
    return (1.0 - drift * j) / (math.fsum(terms) / terms[-1] + arrivals * j)


def abandoned_by_density(servers: int, load: float, patience: float) -> float:
    """The same without the balance of flow, times in mean services: who leaves is who would have been offered a wait beyond `patience`.

    P(fewer than c busy) and the density of the offered wait, both in units of the probability of c - 1 busy, integrated by SciPy.
    """
    idle = sum(load ** (j + 1 - servers) * math.factorial(servers - 1) / math.factorial(j) for j in range(servers))

    def density(wait: float) -> float:
        return load * math.exp(load * min(wait, patience) - servers * wait)

    in_time, late = (quad(density, *ends, epsabs=1e-13, epsrel=1e-12)[0] for ends in ((0.0, patience), (patience, math.inf)))
    return float(late / (idle + in_time + late))


@pytest.mark.parametrize(
    ("servers", "load", "blocked"),
    [(1, 1.0, 1 / 2), (2, 1.0, 1 / 5), (2, 2.0, 2 / 5), (3, 2.0, 4 / 19), (5, 3.0, 0.1101), (10, 5.0, 0.0184), (10, 8.0, 0.1217)],
)
def test_erlang_b_against_the_printed_table(servers: int, load: float, blocked: float) -> None:
    assert erlang_b(servers, load) == pytest.approx(blocked, abs=5e-5)


@pytest.mark.parametrize(("servers", "arrivals"), [(1, 0.5), (1, 1.0), (3, 2.5), (6, 8.0)])
def test_patience_formula_in_its_limits(servers: int, arrivals: float) -> None:
    """No patience is Erlang's loss; endless patience loses nobody while there is capacity, and the excess when there is not."""
    assert abandoned(servers, arrivals, 1.0, 0.0) == pytest.approx(erlang_b(servers, arrivals), rel=1e-12)
    forever = abandoned(servers, arrivals, 1.0, 300.0)
    assert forever == pytest.approx(max(0.0, 1.0 - servers / arrivals), abs=4e-3)
    assert abandoned(servers, arrivals, 1.0, 1.0) < erlang_b(servers, arrivals)


def simulated(servers: int, arrivals: float, patience: float, customers: int, stream: Stream) -> float:
    """The same queue, customer by customer, with nothing but a heap of the times at which servers come free."""
    free = [0.0] * servers
    now, left = 0.0, 0
    gaps, services = stream.exponential(1.0 / arrivals, customers).tolist(), stream.exponential(1.0, customers).tolist()
    for gap, service in zip(gaps, services, strict=True):
        now += gap
        start = max(now, free[0])
        if start - now <= patience:
            heapq.heapreplace(free, start + service)
        else:
            left += 1
    return left / customers


@pytest.mark.parametrize(("servers", "arrivals", "patience"), [(1, 0.8, 1.0), (2, 1.7, 0.5), (3, 3.0, 0.75), (5, 6.0, 0.3)])
def test_patience_formula_against_a_queue_of_twenty_lines(servers: int, arrivals: float, patience: float) -> None:
    """Twenty independent runs give the standard error; each begins empty, which matters to one customer in thousands."""
    stream = np.random.default_rng(20)
    shares = [simulated(servers, arrivals, patience, 20_000, stream) for _ in range(20)]
    error = float(np.std(shares, ddof=1)) / math.sqrt(len(shares))
    assert within(float(np.mean(shares)), abandoned(servers, arrivals, 1.0, patience), error)


# ------------------------------------------------------------------------------------------------- threats that cannot wait

REACH_M = 20_000.0
MISSILE_MPS = 1000.0
THREAT_MPS = 100.0
REACTION_S, ASSESSMENT_S = 4.0, 6.0


def edge_of_the_envelope(gap_s: float, count: int, channels: int) -> tuple[Tree, float]:
    """Threats that fly in and end 10 cm inside the envelope, and the seconds for which each holds a channel.

    There is one intercept point, so one moment to launch (1 ms, the time to fly 10 cm): a channel is free then, or never.
    """
    flight_m = THREAT_MPS * (REACH_M / MISSILE_MPS + REACTION_S + 8.0)
    ends = [GEOD.fwd(HOME[1], HOME[0], 70.0, metres) for metres in (REACH_M + flight_m, REACH_M)]
    waypoints = [{"at": [lat, lon], "altitude_m": 5_000.0} for lon, lat, _ in ends]
    end_m = slant_m((ends[1][1], ends[1][0]), 5_000.0)
    unit = system(
        pk=1.0, channels=channels, speed_mps=MISSILE_MPS, reach_m=end_m + 0.1, reaction_s=REACTION_S, assessment_s=ASSESSMENT_S,
        radars={"eye": radar(revisit="1 s", dwell="1 s")},
    )  # fmt: skip
    group = {
        "id": "stream", "threat": "target", "count": count, "timing": "poisson", "spacing_s": gap_s,
        "motion": {"kind": "route", "waypoints": waypoints, "speed_mps": THREAT_MPS},
    }  # fmt: skip
    return scenario(unit, [group]), REACTION_S + flight_s(end_m, 5_000.0 - ANTENNA_M, MISSILE_MPS) + ASSESSMENT_S


@pytest.mark.parametrize(("channels", "load"), [(1, 0.5), (4, 3.0), (10, 8.0)])
def test_threats_that_cannot_wait_are_lost_as_erlang_says(channels: int, load: float, agrees: Agrees) -> None:
    """Share lost = Erlang-B(c, λ E[S]), S = reaction + time of flight + assessment, the same for every threat.

    Service is constant, not exponential; Erlang's formula holds for any distribution of the same mean (Sevastyanov 1957).

    *The empty start.* The first threats find free channels and are lost less often. They are taken away exactly: a threat that cannot wait
    is not touched by later ones, and its draws are keyed by its name, so a raid of the first 300 of these 2300 threats loses, trial
    by trial, the very threats that the long raid lost among its first 300. The difference of the two runs is what threats 301
    to 2300 came to. They begin 300 / load, at least 37, services after the start, and the loss system forgets its start with
    a time constant of the order of one service (its spectral gap is at least 1 / E[S]), so exp(-37) is left.

    *The millisecond.* A channel that comes free within it is still used: c 0.001 / E[S] of the losses, 0.04 % for c = 10.
    """
    warm, counted, trials = 300, 2000, 100
    _, service = edge_of_the_envelope(1.0, 1, 1)
    data, service = edge_of_the_envelope(service / load, warm + counted, channels)
    _, [(_, long)] = detailed_run(data, trials=trials, seed=21)
    short_data, _ = edge_of_the_envelope(service / load, warm, channels)
    _, [(_, short)] = detailed_run(short_data, trials=trials, seed=21)
    lost = (column(long, "leakers") - column(short, "leakers")) / counted
    assert np.all(lost >= 0.0)
    error = float(np.std(lost, ddof=1)) / math.sqrt(trials)
    assert error < 0.03 * erlang_b(channels, load)
    agrees(
        part="channels",
        authority="Erlang-B",
        quantity=f"share lost, {channels} channels, load {load}, cannot wait",
        theirs=erlang_b(channels, load),
        ours=float(np.mean(lost)),
        tolerance=4.0,
        kind="standard errors",
        standard_error=error,
        second=("balance of states, NumPy", blocked_by_balance(channels, load)),
        second_within=1e-12,
        source="Erlang 1917; Sevastyanov 1957 for any service time",
    )


def test_whoever_is_lost_found_no_channel() -> None:
    data, _ = edge_of_the_envelope(30.0, 200, 2)
    result, [(_, outcomes)] = detailed_run(data, trials=50, seed=22)
    answer = result.variants[0]
    assert answer.why_no_shot["no_channel"].mean == answer.metric("leakers").mean > 0.0
    assert np.array_equal(column(outcomes, "rounds_fired"), column(outcomes, "killed"))


@pytest.mark.parametrize("days", [0, 2, 4, 7, 10])
def test_the_clock_runs_as_long_as_the_format_allows(days: int) -> None:
    """A threat ten days after the first, the latest start there is, is engaged like the first."""
    raid = [
        {"id": f"at{at}", "threat": "target", "start_s": at * 86_400.0, "motion": hover(20_000.0, 60.0)}
        for at in sorted({0, days})
    ]
    _, [(_, outcomes)] = detailed_run(scenario(system(), raid), trials=5, seed=1)
    assert np.all(column(outcomes, "killed") == len(raid))


# ---------------------------------------------------------------------------------------------------- threats that can wait

ROUND_MPS = 300.0
TOWER_M = 2_000.0  # above all the threats that wait: to what is below its launcher a thrown round flies level, at one speed
LOOK_S = 0.5
DWELL_S = 0.05


def waiting_room(
    servers: int, rate: float, service: float, patience: float, seconds: float, stream: Stream
) -> tuple[Tree, float]:
    """One realisation of an M/M/c queue with patience as a raid, and how much more work it brings than the mean.

    Each threat is a group of its own. It hovers at the slant range that a round takes S to reach, S exponential, and is there for
    τ + S (and half a look, until it is tracked): launched at until τ after its track, served for S. Its arrival is shifted evenly
    over the period anew in each trial; a Poisson number of arrivals, each anywhere in the period, *is* a Poisson process.

    Those that arrive during the warm-up, thirty mean services, end in a release, those of the period itself in an impact: the two
    are counted apart. Later arrivals do not matter to earlier ones where the first tracked is served first.
    """
    warm = 30.0 * service
    raid, work = [], -rate * seconds * service
    for kind, start, span in (("early", -warm, warm), ("counted", 0.0, seconds)):
        for i in range(stream.poisson(rate * span)):
            s = stream.exponential(service)
            work += s if kind == "counted" else 0.0
            way_m, stay_s = max(ROUND_MPS * s, 20.0), LOOK_S / 2.0 + patience + s
            motion = hover(way_m, stay_s, stream.uniform(0.0, 360.0), elevation_deg=-1.0, antenna_m=TOWER_M)
            raid.append(
                {"id": f"{kind}{i}", "threat": kind, "motion": motion, "start_s": start + span / 2.0, "jitter_s": span / 2.0}
            )
    eye = radar(revisit=f"{LOOK_S} s", dwell=f"{DWELL_S} s", antenna_height=f"{TOWER_M} m")
    unit = system(pk=1.0, channels=servers, speed_mps=ROUND_MPS, radars={"eye": eye})
    return scenario(unit, raid, {"early": threat("release"), "counted": threat("impact")}), work


@pytest.mark.slow
@pytest.mark.parametrize(("servers", "load", "patience"), [(1, 0.8, 1.0), (3, 3.0, 0.75), (5, 6.0, 0.3)])
def test_threats_that_wait_a_while_are_lost_as_barrer_says(servers: int, load: float, patience: float, agrees: Agrees) -> None:
    """Share lost = M/M/c with patience τ; load in erlangs, τ in mean services of 20 s.

    The estimate is impacts over expected arrivals, an unbiased one since arrivals see time averages. Realisations are independent,
    trials of one share its services: the standard error is that between realisations, after a linear correction for the two things
    whose mean is known, the number that came and the work they brought.

    What the geometry adds: a threat that waited is locked at the next cued look, 25 ms after its assignment in the mean, 0.12 %
    of a service; the shortest services, below 0.22 s, are up to 0.06 s longer. Together they lengthen the mean service by less than
    0.15 %, and the cued look takes up to 50 ms off the patience. By the formula that raises the share lost by 0.3 to 0.7 % of itself, a
    standard error or two: one side of the tolerance is partly used up by what is known.
    """
    service, seconds, realisations = 20.0, 2400.0, 30
    rate = load / service
    stream = np.random.default_rng(23)
    lost, controls = [], []
    for _ in range(realisations):
        data, work = waiting_room(servers, rate, service, patience * service, seconds, stream)
        _, [(_, outcomes)] = detailed_run(data, trials=100, seed=24)
        lost.append(float(np.mean(column(outcomes, "impacts"))) / (rate * seconds))
        controls.append([1.0, sum(g["threat"] == "counted" for g in data["raid"]) - rate * seconds, work])
    fit, _, _, _ = np.linalg.lstsq(np.array(controls), np.array(lost), rcond=None)
    residual = np.array(lost) - np.array(controls) @ fit
    error = math.sqrt(float(residual @ residual) / (realisations - 3) / realisations)
    expected = abandoned(servers, rate, service, patience * service)
    assert error < 0.03 * expected
    agrees(
        part="channels",
        authority="Barrer, M/M/c with deterministic patience",
        quantity=f"share lost, {servers} channels, load {load}, patience {patience} services",
        theirs=expected,
        ours=float(fit[0]),
        tolerance=4.0,
        kind="standard errors",
        standard_error=error,
        second=("density of the offered wait, SciPy", abandoned_by_density(servers, load, patience)),
        second_within=1e-9,
        source="Barrer, Operations Research 5 (1957) 650; Zeltyn and Mandelbaum, Queueing Systems 51 (2005) 361",
    )
