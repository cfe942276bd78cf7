"""`closedsky claims`: the ledger of public statements, and the assessment of one."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from closedsky.cli.frame import JSON, OWN, THREADS, compile_first, dump, progress_on_stderr, terminal_width
from closedsky.cli.streams import write_json


def claims(
    claim: Annotated[
        str | None, typer.Argument(metavar="[ID|FILE]", help="A claim of the ledger, or a claim file; the ledger if left out.")
    ] = None,
    own: Annotated[Path | None, typer.Option("--claims", metavar="DIR", help="A folder of your own claim files.")] = None,
    threads: THREADS = None,
    catalogue: OWN = None,
    json: JSON = False,
) -> None:
    """Test public claims: a verdict, its range, and the one assumption that would change it.

    Example: closedsky claims no-navy
    """
    from closedsky import api
    from closedsky.claims import ledger
    from closedsky.claims.report import render_assessment, render_ledger

    width = terminal_width()
    if claim is None:
        statements = [entry.claim for entry in ledger.ledger(own).values()]
        if json:
            write_json(dump({"schema_version": 1, "claims": [one.model_dump(mode="json") for one in statements]}))
        else:
            sys.stdout.write(render_ledger(statements, width))
        return
    entry = ledger.find(claim, own)
    compile_first("cover")
    with progress_on_stderr(json) as progress:
        answer = api.assess(entry, catalogue=catalogue, threads=threads, progress=progress)
    if json:
        write_json(answer.model_dump_json(indent=1) + "\n")
    else:
        sys.stdout.write(render_assessment(answer, entry.claim, ledger.sources_of(entry, catalogue), width))
