"""The command line: each command loads, calls `closedsky.api`, and writes. Imports are deferred, for a fast --help."""

import errno
import gc
import os
import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from closedsky.cli.claims import claims
from closedsky.cli.cover import cover
from closedsky.cli.footprint import footprint
from closedsky.cli.frame import JSON, OWN, SCENARIO, THREADS, compile_first, dump, progress_on_stderr, show, terminal_width
from closedsky.cli.serve import serve
from closedsky.cli.streams import NoReaderError, settle, write_json
from closedsky.cli.terrain import terrain_app

app = typer.Typer(
    help="How much of the sky does an air defence really close: against what, for how long, and with how many units?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
examples_app = typer.Typer(help="The shipped scenarios.", invoke_without_command=True, rich_markup_mode=None)
app.add_typer(examples_app, name="examples")
app.add_typer(terrain_app, name="terrain")
app.command()(cover)
app.command()(footprint)
app.command()(claims)
app.command()(serve)


def main() -> None:
    """Run the command line and exit: 0 success, 1 internal error, 2 wrong input, 130 interrupted."""
    from closedsky.errors import ClosedskyError, Fault, OutputError

    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # looking for some takes a twentieth of a second
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # for the small fits of a footprint more threads cost more than they save
    gc.disable()  # nothing loaded at the start is garbage, and collecting takes a tenth of a short run
    settle()
    try:
        _run_and_flush()
    except ClosedskyError as error:
        _refuse(error)
    except SystemExit as end:
        if end.code == 130:  # typer's code for Ctrl-C
            print("closedsky: interrupted", file=sys.stderr)
        raise
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        where, fix = (
            str(error.filename or "the disk of the cache"),
            "free some space, or set CLOSEDSKY_CACHE to a folder on another disk",
        )
        _refuse(OutputError(Fault(f"it cannot be written ({error.strerror})", where, fix)))
    except NoReaderError:
        print("closedsky: nobody reads its output any more; the rest is left out", file=sys.stderr)
        sys.exit(0)
    finally:
        gc.freeze()  # at its end Python collects once more all that it has loaded, which takes as long as a short run's trials


def _run_and_flush() -> None:
    """Run the command, and write what it printed while a failure can still be told."""
    try:
        app(prog_name="closedsky")
    except SystemExit:
        sys.stdout.flush()
        raise


def _refuse(error: Any) -> NoReturn:
    faults = error.faults
    if len(faults) > 1:
        print(f"closedsky: {len(faults)} things are wrong\n", file=sys.stderr)
    for fault in faults:
        print(fault, file=sys.stderr)
    sys.exit(2)


@app.command()
def run(
    scenario: SCENARIO,
    variant: Annotated[list[str] | None, typer.Option(help="Run only this variant. May be repeated.")] = None,
    trials: Annotated[int | None, typer.Option(help="Number of trials; by default as in the scenario.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the random draws; by default as in the scenario.")] = None,
    threads: THREADS = None,
    half_width: Annotated[
        float | None, typer.Option(help="Stop once the 95 % interval of leakage is at most ± this (a share, such as 0.01).")
    ] = None,
    draws: Annotated[
        int | None, typer.Option(help="Outer draws: sets of the figures that have a range; by default as in the scenario.")
    ] = None,
    luck_only: Annotated[bool, typer.Option("--luck-only", help="No outer draws: every figure stands as chosen.")] = False,
    decompose: Annotated[
        bool, typer.Option("--decompose", help="Also the total effects of ten figures; takes ten times as many draws.")
    ] = False,
    trial: Annotated[int | None, typer.Option(help="Replay this trial and print its events. Trials count from 0.")] = None,
    threat: Annotated[
        str | None, typer.Option(help="With --trial: the story of this threat in sentences, and why it was not engaged earlier.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write summary, trials, events and figures to this new or empty folder.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Let --out replace files of the same names.")] = False,
    catalogue: OWN = None,
    json: JSON = False,
) -> None:
    """Run a scenario: leakage with what is not known about it, its causes, and the rounds fired.

    Example: closedsky run first-battery --trials 5000
    """
    from closedsky import api
    from closedsky.errors import Fault, RequestError
    from closedsky.output import refuse
    from closedsky.raid import files

    if threat is not None and trial is None:
        raise RequestError(Fault(f"threat '{threat}' of no trial", "--threat", "name the trial too: --trial 0"))
    if out is not None:
        refuse(out, force)
    loaded = api.load(scenario, catalogue)
    compile_first("run")
    gc.freeze()
    gc.enable()
    if trial is not None:
        _replay(loaded, variant or list(loaded.variants)[:1], trial, threat, seed, out, force, json)
        return
    with progress_on_stderr(json) as progress:
        draws = 0 if luck_only else draws
        result, runs = api.detailed_run(loaded, variant or [], trials, seed, threads, half_width, draws, progress, decompose)
        written = files.write(out, loaded, result, runs, force=force) if out is not None else []
    if json:
        write_json(files.as_json(result))
        return
    from closedsky.raid.report import render

    first = runs[0][0]
    sys.stdout.write(render(result, loaded.reference, first.terrain.label(), terminal_width(), first.credit))
    if out is not None:
        show("", f"Written to {out}: {', '.join(written)}")


def _replay(
    loaded: Any, variants: list[str], trial: int, threat: str | None, seed: int | None, out: Path | None, force: bool, json: bool
) -> None:
    from closedsky import api
    from closedsky.errors import Fault, RequestError
    from closedsky.raid import files
    from closedsky.raid.report import story_table, why_table

    if len(variants) > 1:
        raise RequestError(Fault("a replay is of one variant", "--variant", "name one"))
    with progress_on_stderr(json):
        prepared, _, log = api.replay(loaded, trial, variant=variants[0], seed=seed)
        said = None if threat is None else api.why(prepared, log, threat)
        if out is not None:
            files.write_trial(out, prepared, trial, log, force=force)
    if json:
        used = loaded.reference.settings.seed if seed is None else seed
        head = {"schema_version": 1, "scenario": loaded.name, "variant": prepared.name, "seed": used, "trial": trial}
        if said is None:
            write_json(dump({**head, "events": [event.model_dump() for event in api.story(prepared, log)]}))
        else:
            write_json(dump({**head, "threat": threat, "sentences": [one.model_dump() for one in said]}))
        return
    title = f"{loaded.name}, {prepared.name}, trial {trial}"
    if said is None:
        show(title, "", story_table(api.story(prepared, log)))
    else:
        show(f"{title}, {threat}", "", why_table([(one.time_s, one.left_s, one.text) for one in said]))
    if out is not None:
        show("", f"Written to {out}")


@app.command()
def check(scenario: SCENARIO, catalogue: OWN = None) -> None:
    """Check a scenario and report all faults at once.

    Example: closedsky check first-battery
    """
    from closedsky import api
    from closedsky.page import Item

    warnings = api.check(scenario, catalogue)
    show(*(Item(warning, "!") for warning in warnings), "can be run" if warnings else "ready to run")


@app.command()
def systems(
    entry: Annotated[str | None, typer.Argument(metavar="[ID]", help="A system or a threat; all of them if left out.")] = None,
    gaps: Annotated[
        bool, typer.Option("--gaps", help="What is assumed, unverified or estimated, worst first; sources on which much rests.")
    ] = False,
    catalogue: OWN = None,
    json: JSON = False,
) -> None:
    """The catalogue: every figure with its range, grade and source.

    Example: closedsky systems s-400
    """
    from closedsky import api

    width = terminal_width()
    if gaps:
        if json:
            write_json(dump(api.gaps_data(entry, catalogue)))
        else:
            sys.stdout.write(api.gaps_text(entry, width, catalogue))
    elif json:
        write_json(dump(api.catalogue_data(entry, catalogue)))
    else:
        sys.stdout.write(api.catalogue_text(entry, width, catalogue))


@app.command()
def cite(scenario: SCENARIO, catalogue: OWN = None) -> None:
    """The bibliography of a scenario: every source of a figure that it uses.

    Example: closedsky cite al-asad-erbil-2020
    """
    from closedsky import api
    from closedsky.page import Item

    for number, (key, source, paths) in enumerate(api.cite(api.load(scenario, catalogue)), 1):
        publisher = f" {source.publisher}." if source.publisher else ""
        year = f" {source.year}." if source.year else ""
        where = f"{key}: {', '.join(paths[:4])}{f' and {len(paths) - 4} more' if len(paths) > 4 else ''}"
        mark = f"[{number}]"
        show(Item(f"{source.title}.{publisher}{year} {source.address or ''}", mark), Item(where, " " * len(mark)))


@app.command()
def schema(what: Annotated[str, typer.Argument(metavar="scenario|result|sky|footprint", help="Which schema.")]) -> None:
    """The JSON Schema of a scenario file, or of the answer of run, cover or footprint.

    Example: closedsky schema scenario
    """
    from closedsky import api

    write_json(dump(api.json_schema(what)))


@examples_app.callback()
def examples(context: typer.Context) -> None:
    """List the shipped scenarios.

    Example: closedsky examples
    """
    if context.invoked_subcommand is not None:
        return
    from closedsky import api
    from closedsky.page import Column, Table

    rows = [(name, api.title_of(path)) for name, path in api.examples().items()]
    show(
        Table([Column("", "left"), Column("", "prose")], rows),
        "",
        "closedsky run NAME runs one, closedsky cover NAME asks how much of the sky it closes where that is what it is about; "
        "closedsky examples copy NAME writes its file here for you to change.",
    )


@examples_app.command("copy")
def copy(
    name: Annotated[str, typer.Argument(help="A shipped example.")],
    to: Annotated[Path | None, typer.Argument(help="Target file; by default NAME.yaml in this folder.")] = None,
) -> None:
    """Copy a shipped scenario to a file of your own.

    Example: closedsky examples copy first-battery
    """
    from closedsky import api

    show(f"Written to {api.copy_example(name, to or Path(f'{name}.yaml'))}")
