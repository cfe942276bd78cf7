"""`closedsky terrain`: fetch tiles, describe a terrain, compute the visibility floor."""

from pathlib import Path
from typing import Annotated

import typer

from closedsky.cli.frame import JSON, THREADS, compile_first, dump, place, progress_on_stderr, show
from closedsky.cli.streams import write_json

terrain_app = typer.Typer(
    help="Terrain: describe it, fetch tiles, compute visibility floors.", no_args_is_help=True, rich_markup_mode=None
)


@terrain_app.command("fetch")
def terrain_fetch(
    region: Annotated[str, typer.Option(metavar="ISO3|W,S,E,N", help="A country by its three-letter code, or a box in degrees.")],
    posting: Annotated[int, typer.Option(metavar="90|30", help="Posting, m.")] = 90,
    jobs: Annotated[int, typer.Option(min=1, max=32, help="Number of simultaneous transfers.")] = 4,
    timeout: Annotated[float, typer.Option(min=0.1, max=3600.0, help="Timeout for a response, s.")] = 30.0,
    tries: Annotated[int, typer.Option(min=1, max=100, help="Number of tries without progress.")] = 5,
    base_url: Annotated[
        str | None, typer.Option(help="A mirror; {posting} in it stands for 90 or 30. Or set CLOSEDSKY_TILES_URL.")
    ] = None,
    json: JSON = False,
) -> None:
    """Fetch the Copernicus tiles of a region into the cache. After an interruption, the same command resumes.

    Example: closedsky terrain fetch --region IRQ
    """
    from dataclasses import asdict

    from closedsky.errors import Fault, RequestError
    from closedsky.geo.area import named_region
    from closedsky.geo.terrain.fetch import Way, fetch
    from closedsky.geo.terrain.tiles import PRODUCTS, folder
    from closedsky.geo.terrain.transfer import Patience

    if f"glo{posting}" not in PRODUCTS:
        raise RequestError(Fault(f"there are no tiles of {posting} m", "--posting", "give 90 or 30"))
    product, box = PRODUCTS[f"glo{posting}"], named_region(region)
    way = Way(base_url, jobs, Patience(timeout, tries))
    with progress_on_stderr(json) as progress:
        got = fetch(product, box, way, progress)
    if json:
        write_json(dump(asdict(got)))
        return
    show(
        f"{product.title}, {box}: {len(got.fetched)} tiles fetched ({got.received_bytes / 1e6:.1f} MB), {len(got.cached)} were here, "
        f"{got.sea} are sea. They are in {folder(product)}",
        "",
        product.attribution,
    )


@terrain_app.command("info")
def terrain_info(
    what: Annotated[
        str, typer.Argument(metavar="world|glo90|glo30|PATH", help="Shipped or fetched terrain, or a raster.")
    ] = "world",
    json: JSON = False,
) -> None:
    """Describe a terrain: extent, posting, elevations, datum, no-data, attribution; for tiles, those in the cache.

    Example: closedsky terrain info world
    """
    from closedsky.geo.terrain.info import describe, table

    facts = describe(what)
    if json:
        write_json(dump(facts))
    else:
        show(table(facts))


@terrain_app.command("floor")
def terrain_floor(
    what: Annotated[str, typer.Argument(metavar="PATH|world|glo90|glo30", help="A raster, or shipped or fetched terrain.")],
    at: Annotated[list[str], typer.Option(metavar="LAT,LON", help="Place of an antenna, degrees. May be repeated.")],
    height: Annotated[float, typer.Option(help="Height of the antennas above the ground, m.")],
    out: Annotated[Path, typer.Option(metavar="FILE", help="The GeoTIFF to write.")],
    radius: Annotated[float, typer.Option(help="Maximum ground range, m; by default the whole raster.")] = float("inf"),
    above: Annotated[str, typer.Option(metavar="sea|ground", help="Altitudes above sea, or heights above the ground.")] = "sea",
    refraction_k: Annotated[float, typer.Option(help="Effective Earth radius factor k.")] = 4.0 / 3.0,
    vertical: Annotated[str | None, typer.Option(metavar="sea|ellipsoid", help="Vertical datum of the raster.")] = None,
    threads: THREADS = None,
    compress: Annotated[bool, typer.Option("--compress", help="Write a smaller file; takes longer.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
) -> None:
    """The lowest altitude, or height, in line of sight at each node of a raster: of one antenna, or the minimum of several.

    Example: closedsky terrain floor world --at 36.2,44.0 --height 20 --radius 200000 --out floor.tif
    """
    from closedsky.errors import Fault, RequestError
    from closedsky.geo import floor
    from closedsky.output import refuse_file
    from closedsky.page import Item

    if above not in ("sea", "ground"):
        raise RequestError(Fault(f"there is no floor above {above!r}", "--above", "give sea or ground"))
    if vertical not in (None, "sea", "ellipsoid"):
        raise RequestError(Fault(f"there are no heights above {vertical!r}", "--vertical", "give sea or ellipsoid"))
    if out.exists() and Path(what).exists() and out.samefile(what):
        raise RequestError(Fault("this is the raster itself", f"--out {out}", "name another file"))
    refuse_file(out, force)
    places = [place(text) for text in at]
    lats, lons = zip(*places, strict=True)
    ground = floor.raster_round(what, places, radius, vertical)
    compile_first("floor")
    with progress_on_stderr(False) as progress:
        lowest = floor.floor(ground, lats, lons, height, refraction_k, radius, threads, progress)
    floor.write_floor(out, ground, lowest, at, height, refraction_k, above == "ground", compress)
    notes = (*floor.without_ground(ground, places), *ground.notes)
    show(f"Written to {out}: metres above {above}", *(Item(note, "!") for note in notes))
