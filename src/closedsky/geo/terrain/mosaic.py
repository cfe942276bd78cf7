"""Rasters of any kind as one `Terrain` over latitude and longitude: rasters that share a grid are merged, others are resampled.

Files named first have priority. A single north-up grid in degrees is used as it is; else every raster is resampled bilinearly to the finest
spacing among them. Nodes that are then empty, and lie where a raster's data are partly missing or within half a pixel beyond its outermost
nodes, take the nearest values, so that adjacent rasters leave no gap.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from closedsky.errors import Fault, TerrainError
from closedsky.geo.terrain import files
from closedsky.geo.terrain.grid import Terrain
from closedsky.geo.terrain.placement import Floats, Placement, spread
from closedsky.geo.terrain.raster import Raster, attribution, fill, void_note
from closedsky.geo.terrain.region import Region, around
from closedsky.physics.constants import EARTH_RADIUS_M

Heights = npt.NDArray[np.float32]

_SNAP: Final = 1e-6
_ROWS: Final = 256
_KNOT: Final = 8
_DEG: Final = math.degrees(1.0 / EARTH_RADIUS_M)
"""Degrees of latitude per metre."""


@dataclass(frozen=True, eq=False)
class Sheet:
    """Elevations on one grid, m, NaN for no-data."""

    grid: Heights
    placement: Placement


def terrain_from_files(paths: Sequence[Path], region: Region | None = None, vertical: str | None = None) -> Terrain:
    """One or several rasters, over the extent of a region, as one terrain. The first has priority.

    Raises TerrainError for a file that cannot be read, and if none of them overlaps the region.
    """
    where = ", ".join(str(path) for path in paths[:3]) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")
    if region is None and len(paths) > 1:
        region = around(_box(path) for path in paths)
    sheets: list[Sheet] = []
    notes: list[str] = []
    credits: dict[str, None] = {}
    for path in paths:
        with files.opened(path, vertical) as file:
            found = _sheets(file, region)
            if found:
                sheets += found
                notes += file.notes()
                credits[attribution(file)] = None
    if not sheets:
        raise TerrainError(
            Fault(f"no part of it lies in the region of the scenario ({region}: W,S,E,N)", where,
                  f"name a raster that covers the scenario's sites and paths{_order(paths, region)}")
        )  # fmt: skip
    more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
    name = f"{paths[0].name}{more}"
    return _terrain(join(sheets), region, name, f"file {name}", " ".join(credits), notes, where)


def terrain_from_raster(raster: Raster) -> Terrain:
    """A raster as terrain over latitude and longitude: as it is if on such a grid, else resampled."""
    grid = raster.grid
    if raster.void is not None:
        grid = np.where(raster.void, np.float32(np.nan), grid)
    notes = [note for note in raster.notes if "have no data" not in note]
    sheet = _upright(Sheet(grid, raster.placement))
    return _terrain([sheet], None, raster.name, raster.source, raster.attribution, notes, raster.name)


def join(sheets: list[Sheet]) -> list[Sheet]:
    """Rasters of which no two share a grid: those that do are merged, the first with priority, NaN between them."""
    groups: list[list[Sheet]] = []
    for sheet in sheets:
        group = next((group for group in groups if _offset(group[0], sheet) is not None), None)
        if group is None:
            groups.append([sheet])
        else:
            group.append(sheet)
    return [_canvas(group) for group in groups]


def _order(paths: Sequence[Path], region: Region | None) -> str:
    """A hint if a raster lies where the region would with latitude and longitude exchanged."""
    if region is None:
        return ""
    lat, lon = 0.5 * (region.west + region.east), 0.5 * (region.south + region.north)
    there = any(west <= lon <= east and south <= lat <= north for west, south, east, north in map(_box, paths))
    return "; it covers them with latitude and longitude exchanged: latitude stands first" if there else ""


def _box(path: Path) -> tuple[float, float, float, float]:
    with files.opened(path) as file:
        return file.placement.box()


def _sheets(file: files.File, region: Region | None) -> list[Sheet]:
    found = []
    for window, turns in file.placement.windows(region):
        if min(window[1], window[3]) >= 2:
            found.append(_upright(Sheet(file.heights(window), file.placement.moved(window, turns))))
    return found


def _upright(sheet: Sheet) -> Sheet:
    """A raster in degrees with south up flipped, and without a duplicate meridian."""
    grid, placement = sheet.grid, sheet.placement
    if not placement.is_upright:
        return sheet
    a, b, c, d, e, f = placement.transform
    rows, cols = grid.shape
    if e > 0.0:
        grid, e, f = grid[::-1], -e, f + e * rows
    if cols > 2 and math.isclose((cols - 1) * a, 360.0, rel_tol=1e-9):
        grid, cols = grid[:, :-1], cols - 1
    return Sheet(grid, Placement(placement.crs, (a, b, c, d, e, f), rows, cols))


def _offset(first: Sheet, other: Sheet) -> tuple[int, int] | None:
    """Row and column of the first node of another raster on the grid of the first, if it is the same grid."""
    one, two = first.placement, other.placement
    if one.crs != two.crs:
        return None
    a, b, c, d, e, f = one.transform
    linear = (two.transform[0], two.transform[1], two.transform[3], two.transform[4])
    most = max(*first.grid.shape, *other.grid.shape)
    if any(abs(mine - its) * most > 1e-3 * max(abs(a), abs(d)) for mine, its in zip((a, b, d, e), linear, strict=True)):
        return None
    east, north, area = two.transform[2] - c, two.transform[5] - f, a * e - b * d
    row, col = (a * north - d * east) / area, (e * east - b * north) / area
    if abs(row - round(row)) > 1e-3 or abs(col - round(col)) > 1e-3:
        return None
    return round(row), round(col)


def _canvas(sheets: list[Sheet]) -> Sheet:
    if len(sheets) == 1:
        return sheets[0]
    at = [_offset(sheets[0], sheet) or (0, 0) for sheet in sheets]
    top, left = min(row for row, _ in at), min(col for _, col in at)
    rows = max(row + sheet.grid.shape[0] for (row, _), sheet in zip(at, sheets, strict=True)) - top
    cols = max(col + sheet.grid.shape[1] for (_, col), sheet in zip(at, sheets, strict=True)) - left
    files.refuse_size(rows, cols, "terrain")
    canvas = np.full((rows, cols), np.nan, dtype=np.float32)
    for (row, col), sheet in reversed(list(zip(at, sheets, strict=True))):
        part = canvas[row - top : row - top + sheet.grid.shape[0], col - left : col - left + sheet.grid.shape[1]]
        np.copyto(part, sheet.grid, where=~np.isnan(sheet.grid))
    return Sheet(canvas, sheets[0].placement.moved((top, rows, left, cols)))


# ---------------------------------------------------------------- onto latitude and longitude


def _terrain(
    sheets: list[Sheet], region: Region | None, name: str, source: str, credit: str, notes: list[str], where: str
) -> Terrain:
    if len(sheets) == 1 and sheets[0].placement.is_upright:
        sheet = sheets[0]
    else:
        frame = _frame(sheets, region, where)
        sheet = Sheet(lay(sheets, frame), frame)
        notes = [*notes, f"{name}: brought to a grid of latitude and longitude, bilinear"]
    grid, void, share = fill(sheet.grid, where)
    if void is not None:
        notes = [*notes, void_note(name, share)]
    return terrain_on(sheet.placement, grid, name, source, credit, tuple(notes), void)


def terrain_on(
    placement: Placement, grid: Heights, name: str, source: str, credit: str,
    notes: tuple[str, ...] = (), void: npt.NDArray[np.bool_] | None = None,
) -> Terrain:  # fmt: skip
    """A north-up grid in degrees as terrain."""
    a, _, c, _, e, f = placement.transform
    middle = math.radians(f + 0.5 * e * placement.rows)
    lat_step, lon_step = math.radians(-e), math.radians(a)
    if math.isclose(a * placement.cols, 360.0, rel_tol=1e-9):
        lon_step = 2.0 * math.pi / placement.cols
    return Terrain(
        name=name,
        posting_m=EARTH_RADIUS_M * max(lat_step, lon_step * math.cos(middle)),
        grid=grid,
        north_rad=math.radians(f + 0.5 * e),
        west_rad=math.radians(c + 0.5 * a),
        lat_step_rad=lat_step,
        lon_step_rad=lon_step,
        source=source,
        attribution=credit,
        notes=notes,
        void=void,
    )


def _frame(sheets: list[Sheet], region: Region | None, where: str) -> Placement:
    """A north-up grid around all rasters, or around their overlap with the region, as fine as the finest of them."""
    boxes = [sheet.placement.box() for sheet in sheets]
    whole = around(boxes)
    lat_step, lon_step = math.inf, math.inf
    origin = (whole.west, whole.north)
    for sheet, box in zip(sheets, boxes, strict=True):
        a, _, c, _, e, f = sheet.placement.transform
        if sheet.placement.is_upright:
            steps = (-e, a)
        else:
            down = _DEG * sheet.placement.posting_m()
            steps = (down, down / max(0.05, math.cos(math.radians(0.5 * (box[1] + box[3])))))
        if steps[0] < lat_step and sheet.placement.is_upright:
            origin = (c + 0.5 * a, f + 0.5 * e)
        lat_step, lon_step = min(lat_step, steps[0]), min(lon_step, steps[1])
    if region is not None:
        whole = _common(whole, region)
    west = origin[0] + lon_step * math.floor((whole.west - origin[0]) / lon_step + _SNAP)
    north = origin[1] + lat_step * math.ceil((whole.north - origin[1]) / lat_step - _SNAP)
    rows = max(2, math.ceil((north - whole.south) / lat_step - _SNAP) + 1)
    cols = max(2, math.ceil((whole.east - west) / lon_step - _SNAP) + 1)
    if cols * lon_step > 360.0:
        cols = math.floor(360.0 / lon_step + _SNAP)
    files.refuse_size(rows, cols, where)
    return degrees(west, north, lat_step, lon_step, rows, cols)


def degrees(west: float, north: float, lat_step: float, lon_step: float, rows: int, cols: int) -> Placement:
    """A north-up grid in degrees by its north-western node and its steps."""
    return Placement("EPSG:4326", (lon_step, 0.0, west - 0.5 * lon_step, 0.0, -lat_step, north + 0.5 * lat_step), rows, cols)


def _common(whole: Region, region: Region) -> Region:
    """The intersection of two boxes, on the longitudes of the first; the first if longitudes overlap twice or not at all."""
    for turn in (0.0, 360.0, -360.0):
        west, east = max(whole.west, region.west + turn), min(whole.east, region.east + turn)
        if west < east:
            break
    else:
        west, east = whole.west, whole.east
    south, north = max(whole.south, region.south), min(whole.north, region.north)
    return Region(west, south, east, north) if south < north else whole


def lay(sheets: Sequence[Sheet], frame: Placement) -> Heights:
    """The rasters at the nodes of a north-up grid in degrees, the first with priority, bilinear; NaN where there is none."""
    target = np.full((frame.rows, frame.cols), np.nan, dtype=np.float32)
    for strict in (True, False):
        for sheet in sheets:
            for first in range(0, frame.rows, _ROWS):
                part = target[first : first + _ROWS]
                empty = np.isnan(part)
                if empty.any():
                    row, col = _index(sheet.placement, frame, first, part.shape[0])
                    np.copyto(part, sample(sheet.grid, row, col, strict), where=empty)
    return target


def _index(source: Placement, frame: Placement, first: int, rows: int) -> tuple[Floats, Floats]:
    """Position of nodes of the frame, from row `first` on, on a source: computed at every eighth node if it is not in degrees."""
    step = 1 if source.is_upright else _KNOT
    down = first + step * np.arange(math.ceil((rows - 1) / step) + 1.0)
    across = step * np.arange(math.ceil((frame.cols - 1) / step) + 1.0)
    if source.is_upright:
        lat, _ = frame.position(down, np.zeros(1))
        _, lon = frame.position(np.zeros(1), across)
        row, _ = source.index(lat[:rows], np.zeros(1))
        _, col = source.index(np.zeros(1), lon[: frame.cols])
        return row[:, None], col[None, :]
    lat, lon = frame.position(*np.meshgrid(down, across, indexing="ij"))
    row, col = source.index(lat, lon)
    return spread(row, step, 0, rows, frame.cols), spread(col, step, 0, rows, frame.cols)


def sample(grid: Heights, row: Floats, col: Floats, strict: bool) -> Heights:
    """Bilinear elevations at real rows and columns (arrays that broadcast), NaN where there are none.

    Strict: only between nodes that all have data. Else from those that have, and up to half a pixel beyond the outermost.
    """
    rows, cols = grid.shape
    spare = _SNAP if strict else 0.5 + _SNAP
    upper, down, row_in = _between(row, rows, spare)
    left, across, col_in = _between(col, cols, spare)
    if not down.any() and not across.any():  # node on node
        return np.where(row_in & col_in, grid[upper, left], np.float32(np.nan))
    weight = np.zeros(np.broadcast_shapes(row.shape, col.shape), dtype=np.float32)
    total = np.zeros_like(weight)
    for r, by_row in ((upper, 1.0 - down), (np.minimum(upper + 1, rows - 1), down)):
        for c, by_col in ((left, 1.0 - across), (np.minimum(left + 1, cols - 1), across)):
            corner, share = grid[r, c], (by_row * by_col).astype(np.float32)
            share = np.where(np.isnan(corner), np.float32(0.0), share)
            weight += share
            total += share * np.nan_to_num(corner, copy=False, nan=0.0)
    known = (weight > (1.0 - _SNAP if strict else _SNAP)) & row_in & col_in
    heights: Heights = np.where(known, total / np.where(known, weight, np.float32(1.0)), np.float32(np.nan))
    return heights


def _between(at: Floats, size: int, spare: float) -> tuple[npt.NDArray[np.int64], Floats, npt.NDArray[np.bool_]]:
    """The node before each real index, the fraction of the way to the next, and whether it lies on the grid or within `spare` of it."""
    inside = (at >= -spare) & (at <= size - 1.0 + spare)
    held = np.clip(np.where(inside, at, 0.0), 0.0, size - 1.0)
    nearest = np.round(held)
    held = np.where(np.abs(held - nearest) < _SNAP, nearest, held)
    before = np.floor(held).astype(np.int64)
    return before, held - before, inside
