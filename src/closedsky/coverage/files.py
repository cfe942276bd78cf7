"""Coverage as files: the answer (JSON), maps (GeoTIFF), closed areas (GeoJSON) and the figure (PNG)."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy.typing as npt

from closedsky.coverage.answer import Sky
from closedsky.coverage.asked import Asked
from closedsky.coverage.figure import SkyView, draw_sky
from closedsky.coverage.layers import write_cog, write_geojson
from closedsky.coverage.report import level_words, share_words, target_line
from closedsky.coverage.request import answers, credits
from closedsky.model.sky import Bracket, LevelAnswer, SkyAnswer
from closedsky.output import output_folder
from closedsky.scenario.load import Loaded

_IN_BRACKETS = "In brackets: from all that is not known going the attacker's way, to all of it going the defender's."


def write_skies(target: Path, loaded: Loaded, found: Sequence[tuple[Asked, Sky]], *, force: bool = False) -> list[str]:
    """Write coverage to a folder: the answers, and for each variant its maps as rasters and outlines, and its figure.

    Returns the file names. With several variants, each variant's files are prefixed with its name.
    """
    with output_folder(target, force) as folder:
        text = answers(loaded, [sky for _, sky in found]).model_dump_json(indent=1)
        (folder / "answer.json").write_text(text + "\n", encoding="utf-8")
        for asked, sky in found:
            _write_sky(folder, f"{asked.variant}-" if len(found) > 1 else "", loaded, asked, sky)
        return sorted(file.name for file in folder.iterdir())


def _write_sky(folder: Path, before: str, loaded: Loaded, asked: Asked, sky: Sky) -> None:
    answer, layers = sky.answer, sky.map.layers
    names = [level_words(answer, level) for level in answer.levels]
    tags = {"TITLE": loaded.variants[asked.variant].title, "TARGET": target_line(answer), "TERRAIN": asked.terrain.label()}
    kinds: dict[str, list[npt.NDArray[Any]]] = {
        "tracked": [one.tracked for one in layers],
        "engageable": [one.engaged for one in layers],
        "opportunities": [one.opportunities for one in layers],
        "closed": [sky.map.closed(i) for i in range(len(layers))],
        "behind-fence": [sky.map.behind_fence(i) for i in range(len(layers))],
    }
    write_cog(folder / f"{before}floor.tif", sky.cells, {"lowest altitude seen, m above sea": sky.map.floor_m}, tags)
    for kind, masks in kinds.items():
        write_cog(folder / f"{before}{kind}.tif", sky.cells, dict(zip(names, masks, strict=True)), tags)
    closed = {level.level_m: mask for level, mask in zip(answer.levels, kinds["closed"], strict=True)}
    sites = [(one.unit, *one.at) for one in answer.circles]
    circles = [(*one.at, 1000.0 * one.range_km) for one in answer.circles]
    write_geojson(folder / f"{before}closed.geojson", sky.cells, closed, dict(tags), sites, circles)
    draw_sky(folder / f"{before}sky.png", view(loaded, asked, sky))


def view(loaded: Loaded, asked: Asked, sky: Sky) -> SkyView:
    """The content of the coverage figure."""
    answer = sky.answer
    order = sorted(range(len(answer.levels)), key=lambda i: -answer.levels[i].level_m)
    names = [f"at {level_words(answer, level)}" for level in answer.levels]
    shares = [(names[i], _closed_words(answer.levels[i])) for i in order]
    if answer.levels[0].closed_staring_km2 is not None:
        shares += [(f"{names[i]}, staring", _staring_words(answer.levels[i])) for i in order]
    if answer.circles_share is not None:
        shares.append(("within the brochure circles", f"{100 * answer.circles_share:.1f} %"))
    if answer.volume is not None:
        shares.append(("closed, of the circles' volume", f"{100 * answer.volume.ratio.likely:.0f} %"))
    return SkyView(
        title=_title(asked, answer),
        subtitle=f"{_sentence(answer)} {target_line(answer)[0].upper()}{target_line(answer)[1:]}.",
        cells=sky.cells,
        relief=sky.map.ground_m,
        closed=[(names[i], sky.map.closed(i)) for i in order],
        area=asked.area,
        units=[(item.id, *item.at) for item in asked.situation.scenario.defence],
        circles=[(*one.at, 1000.0 * one.range_km) for one in answer.circles],
        rows=shares,
        terrain_label=asked.terrain.label(),
        notes=[_IN_BRACKETS, *(text[0].upper() + text[1:] + "." for text in answer.warnings)],
        sources=[*credits(asked), f"Relief: {asked.terrain.source}.", f"closedsky; catalogue {answer.catalogue_hash}."],
        posting_m=asked.terrain.posting_m,
    )


def _title(asked: Asked, answer: SkyAnswer) -> str:
    """What closes the sky, and whose it is, in a line."""
    defence, systems = asked.situation.scenario.defence, asked.situation.systems
    names = dict.fromkeys(systems[item.system].name for item in defence)
    units = f"{len(defence)} × {next(iter(names))}" if len(names) == 1 else f"{len(defence)} fire units of {len(names)} kinds"
    return f"The sky {f'of {answer.area.name} ' if answer.area is not None else ''}closed by {units}"


def _sentence(answer: SkyAnswer) -> str:
    """The answer at the lowest, the middle and the highest level, beside the brochure circles."""
    order = sorted(answer.levels, key=lambda level: level.level_m)
    chosen = {level.level_m: level for level in (order[0], order[len(order) // 2], order[-1])}.values()
    told = [f"{_short(level.closed_share, level.closed_km2)} at {level_words(answer, level)}" for level in chosen]
    listed = " and ".join([", ".join(told[:-1]), told[-1]]) if len(told) > 1 else told[0]
    circles = f"{100 * answer.circles_share:.0f} %" if answer.circles_share is not None else f"{answer.circles_km2:,.0f} km²"
    return f"Closed: {listed}. Brochure circles: {circles}."


def _short(share: Bracket | None, km2: Bracket) -> str:
    """The likely share, with a decimal where it is below a hundredth, or area."""
    return f"{km2.likely:,.0f} km²" if share is None else f"{100 * share.likely:.{int(share.likely < 0.01)}f} %"


def _staring_words(level: LevelAnswer) -> str:
    if level.closed_staring_share is not None:
        return share_words(level.closed_staring_share)
    assert level.closed_staring_km2 is not None
    return f"{level.closed_staring_km2.likely:,.0f} km²"


def _closed_words(level: LevelAnswer) -> str:
    return share_words(level.closed_share) if level.closed_share is not None else f"{level.closed_km2.likely:,.0f} km²"
