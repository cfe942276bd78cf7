"""The command line: each command loads, calls `closedsky.api`, and writes. Imports wait until a command needs them: --help is quick."""

import contextlib
import gc
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from closedsky.api import Progress

app = typer.Typer(
    help="How much of the sky does an air defence really close: against what, for how long, and with how many units?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
examples_app = typer.Typer(help="The shipped scenarios.", invoke_without_command=True, rich_markup_mode=None)
app.add_typer(examples_app, name="examples")
terrain_app = typer.Typer(
    help="The ground: what there is of it, and how to get more.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(terrain_app, name="terrain")

SCENARIO = Annotated[str, typer.Argument(metavar="SCENARIO", help="A scenario file, or the name of a shipped example.")]
OWN = Annotated[
    Path | None,
    typer.Option("--catalogue", metavar="DIR", help="A folder of your own entries, beside or before the shipped ones."),
]
JSON = Annotated[bool, typer.Option("--json", help="One JSON object on stdout, and nothing else.")]


def main() -> None:
    """Run the command line and exit: 0 done, 2 the input is wrong, 130 interrupted, 1 our fault."""
    from closedsky.errors import ClosedskyError

    gc.disable()  # nothing that is loaded at the start is garbage, and looking for some takes a tenth of a short run
    try:
        app()
    except ClosedskyError as error:
        _refuse(error)
    except SystemExit as end:
        if end.code == 130:  # what typer makes of Ctrl-C
            print("closedsky: interrupted", file=sys.stderr)
        raise
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)


def _refuse(error: Any) -> NoReturn:
    faults = error.faults
    if len(faults) > 1:
        print(f"closedsky: {len(faults)} things are wrong\n", file=sys.stderr)
    for fault in faults:
        print(fault, file=sys.stderr)
    sys.exit(2)


@contextlib.contextmanager
def _progress(quiet: bool) -> Iterator["Progress | None"]:
    """Progress on stderr: a bar, on a terminal."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    with Progress(
        TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn(), console=Console(stderr=True), transient=True
    ) as bars:
        task = bars.add_task("", total=1)
        yield lambda what, done, of: bars.update(task, description=what, completed=done, total=of)


def _announce_compiling(kernel: str = "trial.run_trials", how_long: str = "one to two minutes") -> None:
    from closedsky.physics.jit import cache_is_cold

    if cache_is_cold(kernel):
        print(f"closedsky: compiling the kernels for this processor (once; {how_long})", file=sys.stderr, flush=True)


def _dump(data: Any) -> str:
    import json

    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def _width() -> int:
    import shutil

    return shutil.get_terminal_size((100, 40)).columns


@app.command()
def run(
    scenario: SCENARIO,
    variant: Annotated[list[str] | None, typer.Option(help="Run only this variant. May be repeated.")] = None,
    trials: Annotated[int | None, typer.Option(help="How many trials; by default as the scenario says.")] = None,
    seed: Annotated[int | None, typer.Option(help="Which luck; by default as the scenario says.")] = None,
    threads: Annotated[
        int | None, typer.Option(help="How many threads; by default all there are. The answer is the same.")
    ] = None,
    half_width: Annotated[
        float | None, typer.Option(help="Stop once leakage is known to within this, either way (a share, such as 0.01).")
    ] = None,
    trial: Annotated[
        int | None, typer.Option(help="Replay this one trial and tell it event by event. Trials count from 0.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write summary, trials, events and pictures to this new or empty folder.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Let --out replace files of the same names.")] = False,
    catalogue: OWN = None,
    json: JSON = False,
) -> None:
    """Run a scenario: what gets through, why, and what it costs in rounds."""
    from closedsky import api, export
    from closedsky.io.output import refuse

    if out is not None:
        refuse(out, force)
    loaded = api.load(scenario, catalogue)
    _announce_compiling()
    gc.freeze()
    gc.enable()
    if trial is not None:
        _replay(loaded, variant or list(loaded.variants)[:1], trial, seed, out, force, json)
        return
    with _progress(json) as progress:
        result, runs = api.detailed_run(loaded, variant or [], trials, seed, threads, half_width, progress)
        written = export.write(out, loaded, result, runs, force=force) if out is not None else []
    if json:
        sys.stdout.write(export.as_json(result))
        return
    from closedsky.io.report import render
    from closedsky.surroundings import credit

    terrain = runs[0][0].terrain
    sys.stdout.write(render(result, loaded.reference, terrain.label(), _width(), credit(loaded.reference, terrain)))
    if out is not None:
        print(f"\nWritten to {out}: {', '.join(written)}")


def _replay(loaded: Any, variants: list[str], trial: int, seed: int | None, out: Path | None, force: bool, json: bool) -> None:
    from closedsky import api, export
    from closedsky.errors import Fault, RequestError
    from closedsky.io.report import render_story

    if len(variants) > 1:
        raise RequestError(Fault("a replay is of one variant", "--variant", "name one"))
    with _progress(json):
        prepared, _, log = api.replay(loaded, trial, variant=variants[0], seed=seed)
        events = api.story(prepared, log)
        if out is not None:
            export.write_trial(out, prepared, trial, log, force=force)
    if json:
        used = loaded.reference.settings.seed if seed is None else seed
        head = {"schema_version": 1, "scenario": loaded.name, "variant": prepared.name, "seed": used, "trial": trial}
        sys.stdout.write(_dump({**head, "events": [event.model_dump() for event in events]}))
        return
    print(f"{loaded.name}, {prepared.name}, trial {trial}\n")
    sys.stdout.write(render_story(events))
    if out is not None:
        print(f"\nWritten to {out}")


@app.command()
def check(scenario: SCENARIO, catalogue: OWN = None) -> None:
    """Check a scenario: everything that is wrong with it, at once."""
    from closedsky import api

    warnings = api.check(scenario, catalogue)
    for warning in warnings:
        print(f"warning: {warning}")
    print("ready to run" if not warnings else "can be run")


@app.command()
def systems(
    entry: Annotated[str | None, typer.Argument(metavar="[ID]", help="A system or a threat; all of them if left out.")] = None,
    gaps: Annotated[bool, typer.Option("--gaps", help="Only what is assumed or unverified, worst first.")] = False,
    catalogue: OWN = None,
    json: JSON = False,
) -> None:
    """The catalogue: every figure with its range, grade and source."""
    from closedsky import api

    width = min(_width(), 120)
    if gaps:
        sys.stdout.write(_dump(api.gaps_data(entry, catalogue)) if json else api.gaps_text(entry, width, catalogue))
    elif json:
        sys.stdout.write(_dump(api.catalogue_data(entry, catalogue)))
    else:
        sys.stdout.write(api.catalogue_text(entry, width, catalogue))


@app.command()
def cite(scenario: SCENARIO, catalogue: OWN = None) -> None:
    """The bibliography of a scenario: every source of a figure it rests on."""
    from closedsky import api

    for number, (key, source, paths) in enumerate(api.cite(api.load(scenario, catalogue)), 1):
        publisher = f" {source.publisher}." if source.publisher else ""
        year = f" {source.year}." if source.year else ""
        print(f"[{number}] {source.title}.{publisher}{year} {source.address or ''}".rstrip())
        print(f"    {key}: {', '.join(paths[:4])}{f' and {len(paths) - 4} more' if len(paths) > 4 else ''}")


@app.command()
def schema(what: Annotated[str, typer.Argument(metavar="scenario|result", help="Which schema.")]) -> None:
    """The JSON Schema of a scenario file or of the result."""
    from closedsky import api

    sys.stdout.write(_dump(api.json_schema(what)))


@examples_app.callback()
def examples(context: typer.Context) -> None:
    """List the shipped scenarios."""
    if context.invoked_subcommand is not None:
        return
    from closedsky import api

    for name, path in api.examples().items():
        print(f"{name:<24} {api.title_of(path)}")
    print("\nclosedsky run NAME runs one; closedsky examples copy NAME writes its file here for you to change.")


@examples_app.command("copy")
def copy(
    name: Annotated[str, typer.Argument(help="A shipped example.")],
    to: Annotated[Path | None, typer.Argument(help="Where to; by default NAME.yaml in this folder.")] = None,
) -> None:
    """Copy a shipped scenario to a file of your own."""
    from closedsky import api

    print(f"written to {api.copy_example(name, to or Path(f'{name}.yaml'))}")


@terrain_app.command("fetch")
def terrain_fetch(
    region: Annotated[str, typer.Option(metavar="ISO3|W,S,E,N", help="A country by its three letters, or a box in degrees.")],
    posting: Annotated[int, typer.Option(metavar="90|30", help="Distance between heights, m.")] = 90,
    jobs: Annotated[int, typer.Option(min=1, max=32, help="How many tiles at once.")] = 4,
    timeout: Annotated[float, typer.Option(min=0.1, max=3600.0, help="Seconds to wait for an answer.")] = 30.0,
    tries: Annotated[int, typer.Option(min=1, max=100, help="How often to try without getting on.")] = 5,
    base_url: Annotated[
        str | None, typer.Option(help="A mirror; {posting} in it stands for 90 or 30. Or set CLOSEDSKY_TILES_URL.")
    ] = None,
    json: JSON = False,
) -> None:
    """Fetch the Copernicus tiles of a region into the cache. Interrupted, the same command goes on where it was."""
    from dataclasses import asdict

    from closedsky.errors import Fault, RequestError
    from closedsky.io.terrain.fetch import Way, fetch
    from closedsky.io.terrain.tiles import PRODUCTS, folder
    from closedsky.io.terrain.transfer import Patience
    from closedsky.surroundings import named_region

    if f"glo{posting}" not in PRODUCTS:
        raise RequestError(Fault(f"there are no tiles of {posting} m", "--posting", "give 90 or 30"))
    product, box = PRODUCTS[f"glo{posting}"], named_region(region)
    way = Way(base_url, jobs, Patience(timeout, tries))
    with _progress(json) as progress:
        got = fetch(product, box, way, progress)
    if json:
        sys.stdout.write(_dump(asdict(got)))
        return
    print(
        f"{product.title}, {box}: {len(got.fetched)} tiles fetched ({got.received_bytes / 1e6:.1f} MB), {len(got.cached)} were here,"
    )
    print(f"{got.sea} are sea. They are in {folder(product)}\n\n{product.attribution}")


@terrain_app.command("info")
def terrain_info(
    what: Annotated[
        str, typer.Argument(metavar="world|glo90|glo30|PATH", help="Shipped or fetched ground, or a raster.")
    ] = "world",
    json: JSON = False,
) -> None:
    """What a terrain is: extent, posting, heights, datum, no-data, attribution; of tiles, which are in the cache."""
    from closedsky.io.terrain.info import describe, lines

    facts = describe(what)
    sys.stdout.write(_dump(facts) if json else "\n".join(lines(facts)) + "\n")


@terrain_app.command("floor")
def terrain_floor(
    what: Annotated[str, typer.Argument(metavar="PATH|world|glo90|glo30", help="A raster, or shipped or fetched ground.")],
    at: Annotated[list[str], typer.Option(metavar="LAT,LON", help="Where an antenna stands, degrees. May be repeated.")],
    height: Annotated[float, typer.Option(help="Height of the antennas above the ground, m.")],
    out: Annotated[Path, typer.Option(metavar="FILE", help="The GeoTIFF to write.")],
    radius: Annotated[float, typer.Option(help="Greatest ground range, m; by default all of a raster.")] = float("inf"),
    above: Annotated[str, typer.Option(metavar="sea|ground", help="Altitudes above sea, or heights above the ground.")] = "sea",
    refraction_k: Annotated[float, typer.Option(help="Effective Earth radius over the true one.")] = 4.0 / 3.0,
    vertical: Annotated[str | None, typer.Option(metavar="sea|ellipsoid", help="What the raster's heights are above.")] = None,
    threads: Annotated[
        int | None, typer.Option(help="How many threads; by default all there are. The answer is the same.")
    ] = None,
    compress: Annotated[bool, typer.Option("--compress", help="Write a smaller file, in more time.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it is there.")] = False,
) -> None:
    """The lowest altitude, or height, in line of sight over each node of a raster: of an antenna, or the lowest of several."""
    from closedsky import floors
    from closedsky.errors import Fault, RequestError
    from closedsky.io.output import refuse_file

    if above not in ("sea", "ground"):
        raise RequestError(Fault(f"there is no floor above {above!r}", "--above", "give sea or ground"))
    if vertical not in (None, "sea", "ellipsoid"):
        raise RequestError(Fault(f"there are no heights above {vertical!r}", "--vertical", "give sea or ellipsoid"))
    if out.exists() and Path(what).exists() and out.samefile(what):
        raise RequestError(Fault("this is the raster itself", f"--out {out}", "name another file"))
    if threads is not None and threads < 1:
        raise RequestError(Fault(f"{threads} threads", "--threads", "give 1 or more"))
    refuse_file(out, force)
    places = [_place(text) for text in at]
    lats, lons = zip(*places, strict=True)
    ground = floors.raster_round(what, places, radius, vertical)
    _announce_compiling("floor.floor_fan", "ten seconds to half a minute")
    with _progress(False) as progress:
        lowest = floors.floor(ground, lats, lons, height, refraction_k, radius, threads, progress)
    floors.write_floor(out, ground, lowest, at, height, refraction_k, above == "ground", compress)
    print(f"Written to {out}: metres above {above}")
    for note in ground.notes:
        print(f"  {note}")


def _place(text: str) -> tuple[float, float]:
    from closedsky.errors import Fault, RequestError

    try:
        lat, lon = (float(part) for part in text.split(","))
    except ValueError:
        raise RequestError(Fault(f"{text!r} is no place", "--at", "give LAT,LON in degrees, such as --at=33.3,44.4")) from None
    if not (-90.0 <= lat <= 90.0 and -360.0 <= lon <= 360.0):
        raise RequestError(Fault(f"{text} is not on the Earth", "--at", "give latitude first, then longitude, in degrees"))
    return lat, lon


if __name__ == "__main__":
    main()
