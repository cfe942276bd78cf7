"""The globe's background from the shipped terrain and land: relief and altitude tiles, coasts and borders as lines.

Tiles divide latitude and longitude evenly: level z has 2^(z+1) columns, from 180° west, and 2^z rows, from the North Pole.
"""

import math
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from closedsky.errors import Fault, RequestError
from closedsky.geo.land import Line, land
from closedsky.geo.terrain import world
from closedsky.model.globe import Lines

Floats = npt.NDArray[np.float64]
Floats32 = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]

DEEPEST: Final = 8
PIXELS: Final = 256
NODES: Final = 65
ALTITUDE_STEP_M: Final = 25.0
LEVEL_SHADE: Final = 128
STEEPER: Final = 8.0
"""Exaggeration of slopes: with a posting of 9 km they are gentle."""
_NARROWEST: Final = 0.1
"""Least cosine of latitude used for slopes: within 6° of the poles, gaps in the data would look like furrows."""
_FINEST: Final = 3
"""The level whose pixel spacing equals the posting of the world terrain; coarser levels take the mean around a pixel."""
_LIGHT: Final = (-0.5, 0.5, math.sqrt(0.5))
"""Direction of the light, east, north and up: from the north-west, 45° high."""
_KEPT: Final = 256
_LINE_DECIMALS: Final = 3


@lru_cache(maxsize=_KEPT)
def relief(z: int, x: int, y: int) -> bytes:
    """A relief tile of 256 by 256 pixels sampled at their centres, row 0 the northernmost, two bytes per pixel.

    First byte: 0 for sea, inland seas included; on land 1 + altitude / 25 m, up to 255. Second byte: shading, 128 on level ground.
    RequestError if there is no such tile.
    """
    _refuse_missing(z, x, y)
    lat, lon = _pixels(z, x, y)
    altitude_m, east, north = (_bilinear(field, lat, lon) for field in _fields(max(_FINEST - z, 0)))
    ground, light = 1.0 + np.clip(np.floor(altitude_m / ALTITUDE_STEP_M), 0.0, 254.0), _shade(east, north)
    dry = _on_land(lat, lon)
    return np.stack([np.where(dry, ground, 0.0), np.where(dry, light, LEVEL_SHADE)], axis=-1).astype(np.uint8).tobytes()


@lru_cache(maxsize=_KEPT)
def heights(z: int, x: int, y: int) -> bytes:
    """An altitude tile of 65 by 65 nodes, row 0 the northernmost, outer nodes on its edges: m above sea, float32, little-endian."""
    _refuse_missing(z, x, y)
    tile_deg, step = 180.0 / 2**z, np.arange(NODES) / (NODES - 1)
    altitude_m = _bilinear(world().grid, 90.0 - (y + step) * tile_deg, (x + step) * tile_deg - 180.0)
    return altitude_m.astype("<f4").tobytes()


@lru_cache(maxsize=1)
def lines() -> Lines:
    """Coasts and borders of the shipped land; longitudes of a line are continuous across 180."""
    coasts, borders = (tuple(_flat(line) for line in drawn) for drawn in (land().coasts, land().borders))
    return Lines(coasts=coasts, borders=borders)


def _flat(line: Line) -> tuple[float, ...]:
    return tuple(np.round(line[:, ::-1], _LINE_DECIMALS).ravel().tolist())


def _refuse_missing(z: int, x: int, y: int) -> None:
    if not 0 <= z <= DEEPEST:
        raise RequestError(Fault(f"there are no tiles of level {z}", "tile", f"give a level from 0 to {DEEPEST}"))
    if not (0 <= x < 2 ** (z + 1) and 0 <= y < 2**z):
        fix = f"give a column from 0 to {2 ** (z + 1) - 1} and a row from 0 to {2**z - 1}"
        raise RequestError(Fault(f"there is no tile in column {x}, row {y} of level {z}", "tile", fix))


def _pixels(z: int, x: int, y: int) -> tuple[Floats, Floats]:
    """Latitude of each row of pixels and longitude of each column, at pixel centres, degrees."""
    tile_deg, step = 180.0 / 2**z, (np.arange(PIXELS) + 0.5) / PIXELS
    return 90.0 - (y + step) * tile_deg, (x + step) * tile_deg - 180.0


# --------------------------------------------------------------------------------------------------------------------- heights


@lru_cache(maxsize=_FINEST + 1)
def _fields(halvings: int) -> tuple[Floats32, ...]:
    """Altitude, m, and slopes to the east and north at every 2^halvings-th node of the world terrain, averaged around it."""
    if halvings:
        return tuple(_halved(field) for field in _fields(halvings - 1))
    ground, grid = world(), world().grid
    lat = ground.north_rad - np.arange(grid.shape[0], dtype=np.float32) * ground.lat_step_rad
    east_m = ground.posting_m * np.maximum(np.cos(lat), _NARROWEST)[:, None]
    east = (np.roll(grid, -1, axis=1) - np.roll(grid, 1, axis=1)) / (2.0 * east_m)
    return grid, east.astype(np.float32), -np.gradient(grid, ground.posting_m, axis=0)


def _halved(field: Floats32) -> Floats32:
    """Every other node of a field, smoothed with weights 1/4, 1/2, 1/4 along each axis."""
    along = 0.25 * (np.roll(field, 1, axis=1) + np.roll(field, -1, axis=1))[:, ::2] + 0.5 * field[:, ::2]
    rows = np.pad(along, ((1, 1), (0, 0)), mode="edge")
    return np.asarray(0.25 * (rows[:-2] + rows[2:])[::2] + 0.5 * along[::2])


def _bilinear(field: Floats32, lat_deg: Floats, lon_deg: Floats) -> Floats:
    """A global field (pole to pole, eastward from 180° west) interpolated bilinearly at rows of latitude, columns of longitude, degrees."""
    rows, cols = field.shape
    row, col = (90.0 - lat_deg) * ((rows - 1) / 180.0), (lon_deg + 180.0) % 360.0 * (cols / 360.0)
    i, j = np.minimum(row.astype(np.int64), rows - 2), col.astype(np.int64)
    down, right = (row - i)[:, None], (col - j)[None, :]
    north, south = (
        field[np.ix_(k, j)].astype(np.float64) * (1.0 - right) + field[np.ix_(k, (j + 1) % cols)] * right for k in (i, i + 1)
    )
    return np.asarray(north * (1.0 - down) + south * down)


def _shade(east: Floats, north: Floats) -> Floats:
    """Shading by Lambert's law: the cosine between the ground's normal and the direction of the light, as 0 to 255."""
    e, n = STEEPER * east, STEEPER * north
    cosine = (_LIGHT[2] - _LIGHT[0] * e - _LIGHT[1] * n) / np.sqrt(1.0 + e**2 + n**2)
    return np.clip(np.rint(LEVEL_SHADE * cosine / _LIGHT[2]), 0.0, 255.0)


# ------------------------------------------------------------------------------------------------------------------------ land


def _on_land(lat_deg: Floats, lon_deg: Floats) -> Bools:
    """Whether the points at rows of latitude, north to south, and columns of longitude are on land.

    Even-odd rule along each meridian from the North Pole, which is sea: each coast crossed toggles sea and land.
    """
    west, north, east, south = _coast_edges()
    near = (west <= lon_deg[-1]) & (east > lon_deg[0])
    west, north, east, south = west[near], north[near], east[near], south[near]
    first, count = _between(lon_deg, west, east)
    edge = np.repeat(np.arange(count.size), count)
    col = np.arange(edge.size) - np.repeat(np.cumsum(count) - count, count) + first[edge]
    lat = north[edge] + (lon_deg[col] - west[edge]) * (south[edge] - north[edge]) / (east[edge] - west[edge])
    row = np.searchsorted(-lat_deg, -lat)
    crossed = np.zeros((lat_deg.size + 1, lon_deg.size), dtype=np.uint8)
    np.bitwise_xor.at(crossed, (row, col), 1)
    return np.bitwise_xor.accumulate(crossed[:-1], axis=0).view(np.bool_)


def _between(lon_deg: Floats, west: Floats, east: Floats) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """For each edge, the first column not west of its western end, and the number of columns before its eastern end."""
    first = np.searchsorted(lon_deg, west)
    return first, np.searchsorted(lon_deg, east) - first


@lru_cache(maxsize=1)
def _coast_edges() -> tuple[Any, ...]:
    """Longitude and latitude of the western end of every coast segment, then of its eastern end; within -180 to 180.

    A segment that crosses 180 appears twice. Longitudes are rounded, so that adjacent segments still meet after a shift by 360.
    """
    start = np.vstack([line[:-1, ::-1] for line in land().coasts])
    end = np.vstack([line[1:, ::-1] for line in land().coasts])
    swapped = start[:, :1] > end[:, :1]
    west, east = np.where(swapped, end, start), np.where(swapped, start, end)
    turn = 360.0 * np.floor((west[:, 0] + 180.0) / 360.0)
    edges = np.column_stack([west, east])
    edges[:, [0, 2]] -= turn[:, None]
    beyond = edges[edges[:, 2] > 180.0] - np.array([360.0, 0.0, 360.0, 0.0])
    edges = np.vstack([edges, beyond])
    edges[:, [0, 2]] = np.round(edges[:, [0, 2]], 9)
    return tuple(np.ascontiguousarray(column) for column in edges.T)
