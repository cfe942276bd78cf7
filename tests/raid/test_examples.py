"""Every variant of the shipped example on noise and decoys changes what it says it changes."""

import closedsky
from closedsky.engine.results import VariantResult


def told() -> dict[str, VariantResult]:
    result = closedsky.run(closedsky.load("noise-and-decoys"), trials=1000, draws=0)
    return {variant.name: variant for variant in result.variants}


def per(variant: VariantResult, one: str, other: str) -> float:
    return variant.metric(one).mean / variant.metric(other).mean


def test_each_costs_the_defence_more_than_luck_explains() -> None:
    """As chosen, all else the same: the 95 % intervals of luck do not touch."""
    variants = told()
    clear = variants.pop("clear").metric("leakage_per_launched")
    assert len(variants) == 5
    for name, variant in variants.items():
        assert variant.metric("leakage_per_launched").ci95[0] > clear.ci95[1], name


def test_each_does_so_by_its_own_cause() -> None:
    variants = told()
    most = {name: max(one.why_no_shot, key=lambda cause: one.why_no_shot[cause].mean) for name, one in variants.items()}
    assert most["clear"] == most["manoeuvring"] == "engaged_and_missed"
    assert most["decoys"] == "no_rounds"
    assert most["escort-jammer"] == "seen_too_weakly"
    assert most["stand-off-jammer"] == "no_time"
    clear, low, manoeuvring = (variants[name] for name in ("clear", "low", "manoeuvring"))
    assert per(low, "rounds_fired", "engaged") < per(clear, "rounds_fired", "engaged"), "no time for a second salvo"
    assert per(manoeuvring, "killed", "rounds_fired") < 0.8 * per(clear, "killed", "rounds_fired"), "rounds miss what manoeuvres"
