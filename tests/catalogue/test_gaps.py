"""What the catalogue does not know, worst first."""

import math
from pathlib import Path

from closedsky.catalogue.figures import figures, uncertain
from closedsky.catalogue.gaps import MANY, gaps, pillars
from closedsky.catalogue.library import Catalogue, load_catalogue
from closedsky.catalogue.reading import gaps_data, gaps_text
from closedsky.model.figure import Grade

CATALOGUE = load_catalogue()


def test_every_uncertain_figure_is_in_one_gap() -> None:
    listed = [path for gap in gaps(CATALOGUE) for path in gap.paths]
    entries = [*CATALOGUE.systems, *CATALOGUE.threats]
    wanted = [f"{key}.{figure.path}" for key in entries for figure in uncertain(figures(CATALOGUE.entry(key)))]
    assert sorted(listed) == sorted(wanted)


def test_worst_first() -> None:
    found = gaps(CATALOGUE)
    ranks = [(gap.figure.grade is not Grade.ASSUMED, -gap.spread) for gap in found]
    assert ranks == sorted(ranks)
    assert math.isinf(found[0].spread)
    assert found[-1].figure.grade is Grade.UNVERIFIED


def test_one_entry_only() -> None:
    assert {path.split(".")[0] for gap in gaps(CATALOGUE, "qiam-1") for path in gap.paths} == {"qiam-1"}


def test_sources_on_which_thirty_figures_rest_are_named() -> None:
    naming: dict[str, list[str]] = {}
    alone: dict[str, list[str]] = {}
    for key in [*CATALOGUE.systems, *CATALOGUE.threats]:
        for path, figure in figures(CATALOGUE.entry(key)):
            for source in figure.source:
                naming.setdefault(source, []).append(f"{key}.{path}")
                if figure.source == (source,):
                    alone.setdefault(source, []).append(f"{key}.{path}")
    found = {pillar.source: pillar for pillar in pillars(CATALOGUE)}
    assert MANY == 30
    assert set(found) == {source for source, paths in naming.items() if len(paths) >= 30}
    for source, pillar in found.items():
        assert (list(pillar.paths), list(pillar.alone)) == (naming[source], alone.get(source, []))
    text = " ".join(gaps_text(width=100).split())
    simulator = found["cielo-cerrado"]
    told = f"(cielo-cerrado): {len(simulator.paths)} figures, {len(simulator.alone)} of them no other; of {', '.join(simulator.entries)}"
    assert told in text
    assert [source["source"] for source in gaps_data()["sources"]] == [pillar.source for pillar in pillars(CATALOGUE)]


def test_one_bad_source_of_your_own_cannot_hide(tmp_path: Path) -> None:
    """An entry that names one source for thirty figures: 29 would not be told."""
    (tmp_path / "threats").mkdir()
    (tmp_path / "sources.yaml").write_text("gossip: {title: Gossip, note: heard}\n", encoding="utf-8")
    one = "{value: 1, low: 0.5, high: 2, unit: m2, source: [gossip], grade: estimate, why: heard}"
    for n in range(10):
        entry = f"id: rumour-{n}\nbased_on: shahed-136\nsignature: {{nose: {one}, beam: {one}, tail: {one}}}\n"
        (tmp_path / "threats" / f"rumour-{n}.yaml").write_text(entry, encoding="utf-8")

    def told() -> Catalogue:
        return load_catalogue(own=tmp_path)

    (gossip,) = [pillar for pillar in pillars(told()) if pillar.source == "gossip"]
    assert len(gossip.paths) == len(gossip.alone) == 30
    assert "Gossip (gossip): 30 figures, 30 of them no other; of rumour-0, rumour-1" in " ".join(
        gaps_text(width=100, own=tmp_path).split()
    )
    (tmp_path / "threats" / "rumour-9.yaml").unlink()
    assert "gossip" not in {pillar.source for pillar in pillars(told())}


def test_text_keeps_to_its_width_and_data_has_every_path() -> None:
    text = gaps_text(width=80)
    assert max(map(len, text.splitlines())) <= 80
    data = gaps_data()
    assert data["catalogue_hash"] == CATALOGUE.hash
    assert sum(len(gap["paths"]) for gap in data["gaps"]) == sum(len(gap.paths) for gap in gaps(CATALOGUE))
