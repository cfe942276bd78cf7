"""`closedsky cover`: how much of the airspace a defence closes."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from closedsky.cli.frame import JSON, OWN, THREADS, compile_first, place, progress_on_stderr, show, terminal_width
from closedsky.cli.streams import write_json

COUNT_TO = 8
"""Opportunities are counted up to this number on a map that is written."""


def cover(
    what: Annotated[str, typer.Argument(metavar="UNIT|SCENARIO", help="A system of the catalogue, with --at; or a scenario.")],
    at: Annotated[list[str] | None, typer.Option(metavar="LAT,LON", help="Place of a unit, degrees. May be repeated.")] = None,
    heading: Annotated[float | None, typer.Option(help="Heading of sectors, degrees; by default any one direction.")] = None,
    height: Annotated[str | None, typer.Option(metavar="M,…", help="Heights above the ground, m.")] = None,
    altitude: Annotated[str | None, typer.Option(metavar="M,…", help="Altitudes above the sea, m.")] = None,
    rcs: Annotated[float | None, typer.Option(metavar="M2", help="Radar cross-section of the target, m².")] = None,
    speed: Annotated[float | None, typer.Option(metavar="MPS", help="Speed of the target, m/s.")] = None,
    kind: Annotated[str | None, typer.Option("--class", metavar="aircraft|cruise|drone", help="Class of target.")] = None,
    opportunities: Annotated[
        int | None, typer.Option(metavar="N", help="Firing opportunities needed for a cell to be closed.")
    ] = None,
    together: Annotated[int | None, typer.Option(metavar="M", help="Threats that arrive together.")] = None,
    toward: Annotated[
        str | None,
        typer.Option(metavar="LAT,LON", help="Threats are inbound to this place; by default they come on the worst heading."),
    ] = None,
    country: Annotated[str | None, typer.Option(metavar="ISO3", help="The country whose share closed is computed.")] = None,
    polygon: Annotated[Path | None, typer.Option(metavar="FILE", help="Or polygons of a GeoJSON file.")] = None,
    asset: Annotated[
        list[str] | None, typer.Option(metavar="LAT,LON", help="An asset, for its protection rose. May be repeated.")
    ] = None,
    offshore: Annotated[bool, typer.Option("--offshore", help="Units and assets are at sea.")] = False,
    terrain: Annotated[
        str | None, typer.Option(metavar="world|flat|glo90|glo30|PATH", help="Terrain, with a unit; by default world.")
    ] = None,
    cell: Annotated[float | None, typer.Option(metavar="M", help="Side of a cell of the map, m.")] = None,
    variant: Annotated[list[str] | None, typer.Option(help="Only this variant of a scenario. May be repeated.")] = None,
    volume: Annotated[bool, typer.Option("--volume", help="Compute the closed volume too.")] = False,
    relief: Annotated[
        bool, typer.Option(help="Over coarse terrain, compute the ranges over statistical relief; by default so.")
    ] = True,
    draws: Annotated[
        int | None,
        typer.Option(help="Outer draws: sets of the figures that have a range; 0: none. By default as in the scenario."),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of these draws; by default as in the scenario.")] = None,
    threads: THREADS = None,
    out: Annotated[Path | None, typer.Option(help="Write answer, maps and figure to this new or empty folder.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Let --out replace files of the same names.")] = False,
    catalogue: OWN = None,
    json: JSON = False,
) -> None:
    """How much of the airspace is closed, height by height, compared with the brochure circle.

    Example: closedsky cover s-400 --at=33.3,44.4 --country IRQ --height 1000
    """
    from closedsky.coverage import request as coverage_request
    from closedsky.output import refuse

    if out is not None:
        refuse(out, force)
    _refuse_seed(seed)
    target = {"rcs_m2": rcs, "speed_mps": speed, "kind": kind}
    changes = _given(
        **_levels(height, altitude), opportunities=opportunities, together=together, country=country, cell_m=cell,
        toward=None if toward is None else place(toward, "--toward"), target=_given(**target) or None,
    )  # fmt: skip
    loaded = coverage_request.loaded(
        what, [place(text) for text in at or []], heading, terrain, catalogue, [place(text, "--asset") for text in asset or []],
        offshore,
    )  # fmt: skip
    names = variant or list(loaded.variants)
    how: dict[str, Any] = {
        "volume": volume, "draws": draws, "seed": seed, "relief": relief, "count_to": 0 if out is None else COUNT_TO,
    }  # fmt: skip
    with progress_on_stderr(json) as progress:
        asked = [coverage_request.asked(loaded, name, polygon, threads, progress, changes) for name in names]
        compile_first("cover")
        skies = [coverage_request.closed_sky(one, **how) for one in asked]
    written = []
    if out is not None:
        from closedsky.coverage.files import write_skies

        written = write_skies(out, loaded, list(zip(asked, skies, strict=True)), force=force)
    answers = coverage_request.answers(loaded, skies)
    if json:
        write_json(answers.model_dump_json(indent=1) + "\n")
        return
    from closedsky.coverage.report import render_skies

    label, credits = asked[0].terrain.label(), coverage_request.credits(asked[0])
    sys.stdout.write(render_skies(answers, loaded.reference.title, label, terminal_width(), credits))
    if out is not None:
        show("", f"Written to {out}: {', '.join(written)}")


def _given(**values: Any) -> dict[str, Any]:
    """Those of the values that were given."""
    return {name: value for name, value in values.items() if value is not None}


def _refuse_seed(seed: int | None) -> None:
    from closedsky.errors import Fault, RequestError

    if seed is not None and not 0 <= seed < 2**64:
        raise RequestError(Fault(f"{seed} is out of range", "--seed", "give a whole number from 0 to 2^64 - 1"))


def _levels(height: str | None, altitude: str | None) -> dict[str, list[float] | None]:
    """The levels that are asked for: one kind at most."""
    from closedsky.errors import Fault, RequestError

    if height is not None and altitude is not None:
        raise RequestError(Fault("heights and altitudes", "--altitude", "give one of the two"))
    return {"heights_m": _numbers("--height", height), "altitudes_m": _numbers("--altitude", altitude)}


def _numbers(flag: str, text: str | None) -> list[float] | None:
    """Numbers separated by commas."""
    from closedsky.errors import Fault, RequestError
    from closedsky.geo.terrain.region import numbers

    if text is None:
        return None
    try:
        return numbers(text)
    except ValueError:
        raise RequestError(Fault(f"{text!r} is not numbers", flag, "give metres, parted by commas: 100,300,1000")) from None
