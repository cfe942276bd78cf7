"""The metrics of a run, by id."""

SHARES = ("leakage_per_launched", "leakage_per_arriving", "leakage_per_threatening", "leakage_by_effect")
TOTALS = ("impacts", "releases", "hits", "killed", "failed", "leakers", "tracked", "engaged", "rounds_fired", "value_lost",
          "decoys", "decoys_engaged", "rounds_at_decoys", "friendly", "friendly_engaged", "friendly_killed", "civil", "civil_engaged",
          "civil_killed", "rounds_at_others")  # fmt: skip


def metric_ids(assets: list[str]) -> list[str]:
    """Every metric id of a run with these assets."""
    return [*SHARES, *TOTALS, *(f"{what}.{asset}" for asset in assets for what in ("impacts", "hits"))]
