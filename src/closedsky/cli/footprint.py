"""`closedsky footprint`: the ground that a fire unit defends against ballistic missiles."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from closedsky.cli.frame import JSON, OWN, THREADS, compile_first, place, progress_on_stderr, show, terminal_width
from closedsky.cli.streams import write_json


def footprint(
    unit: Annotated[str, typer.Argument(metavar="UNIT", help="A system of the catalogue; closedsky systems lists them.")],
    at: Annotated[str, typer.Option(metavar="LAT,LON", help="Its place, degrees.")],
    heading: Annotated[
        float | None, typer.Option(help="Heading of its sector, degrees; by default each azimuth in turn.")
    ] = None,
    threat: Annotated[str | None, typer.Option(metavar="ID", help="A ballistic missile of the catalogue.")] = None,
    range_km: Annotated[
        float | None,
        typer.Option("--range", metavar="KM", help="Range of the threat; without --threat, of a missile with that range."),
    ] = None,
    apogee: Annotated[float | None, typer.Option(metavar="KM", help="Apogee of the threat; by default minimum energy.")] = None,
    azimuths: Annotated[
        str, typer.Option("--from", metavar="AZ,AZ,...|all", help="Arrival azimuths, degrees; all: eight.")
    ] = "all",
    opportunities: Annotated[int, typer.Option(help="Firing opportunities before impact needed to be defended.")] = 1,
    together: Annotated[int, typer.Option(help="Missiles that arrive together; each needs its opportunities.")] = 1,
    cell: Annotated[
        float | None, typer.Option(metavar="KM", help="Distance between aim points; by default from the range.")
    ] = None,
    terrain: Annotated[str, typer.Option(metavar="world|flat|glo90|glo30|PATH", help="Terrain.")] = "world",
    threads: THREADS = None,
    catalogue: OWN = None,
    json: JSON = False,
    out: Annotated[Path | None, typer.Option(help="Write answer, areas and figure to this new or empty folder.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Let --out replace files of the same names.")] = False,
) -> None:
    """The ground that a fire unit defends against ballistic missiles, by azimuth, range and apogee: low, likely, high.

    Example: closedsky footprint s-400 --at=33.3,44.4 --range 300
    """
    from closedsky.footprint.answer import defended_footprint
    from closedsky.footprint.files import write
    from closedsky.footprint.report import footprint_text
    from closedsky.footprint.request import COMPASS, FootprintRequest, asked
    from closedsky.output import refuse

    if out is not None:
        refuse(out, force)
    request = FootprintRequest(
        unit, place(at), heading, threat, range_km, apogee, COMPASS if azimuths == "all" else _azimuths(azimuths),
        opportunities, together, cell, terrain,
    )  # fmt: skip
    question = asked(request, catalogue)
    compile_first("footprint")
    with progress_on_stderr(json) as progress:
        made = defended_footprint(question, threads=threads, progress=progress)
        written = write(out, made, force=force) if out is not None else []
    if json:
        write_json(made.answer.model_dump_json(indent=1) + "\n")
        return
    sys.stdout.write(footprint_text(made.answer, terminal_width()))
    if out is not None:
        show("", f"Written to {out}: {', '.join(written)}")


def _azimuths(text: str) -> tuple[float, ...]:
    from closedsky.errors import Fault, RequestError
    from closedsky.geo.terrain.region import numbers

    try:
        return tuple(dict.fromkeys(azimuth % 360.0 for azimuth in numbers(text)))
    except ValueError:
        raise RequestError(Fault(f"{text!r} are no azimuths", "--from", "give degrees such as 0,90,180, or all")) from None
