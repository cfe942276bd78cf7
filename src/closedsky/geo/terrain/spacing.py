"""Evenness of a raster's rows and columns, for formats that list the coordinate of each."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from closedsky.errors import Fault, TerrainError

_TOLERANCE: Final = 0.1
"""Of a step: coordinates in single precision are off by a few hundredths."""
_GRIB_HEAD: Final = 100_000
"""Bytes of a GRIB file that are read for the description of its grid, which comes before its values."""
_USUAL: Final = ("lat", "latitude", "lon", "longitude", "x", "y", "northing", "easting")
_STANDARD: Final = (
    "latitude", "longitude", "projection_x_coordinate", "projection_y_coordinate", "grid_latitude", "grid_longitude",
)  # fmt: skip


def refuse_uneven(path: Path, dataset: Any, module: Any) -> None:
    """Raise TerrainError if rows or columns are unevenly spaced, or nodes placed one by one; `module` is rasterio."""
    for name in _axes(dataset) if dataset.driver == "netCDF" else ():
        along = _coordinates(path, name, module)
        if along.size not in (dataset.height, dataset.width) or along.size < 3:
            continue
        even = np.linspace(along[0], along[-1], along.size)
        off = np.abs(along - even)
        if not off.max() <= _TOLERANCE * abs(even[1] - even[0]):
            at = int(np.argmax(off))
            raise TerrainError(
                Fault(
                    f"its nodes are unevenly spaced: {name} number {at + 1} of {along.size} is {along[at]:g}, "
                    f"and would be {even[at]:g} in even steps",
                    str(path),
                    "interpolate it to even steps first: cdo remapbil, or interp of xarray",
                )
            )
    if dataset.driver == "GRIB" and is_gaussian(path):
        raise TerrainError(
            Fault(
                "its rows are unevenly spaced: it is a Gaussian grid, of a weather model",
                str(path),
                "interpolate it to even steps first: cdo remapbil,r1440x721",
            )
        )
    if dataset.transform.is_identity and (dataset.gcps[0] or dataset.rpcs or dataset.tags(ns="GEOLOCATION")):
        raise TerrainError(
            Fault(
                "its nodes are placed by control points, not by an even grid",
                str(path),
                "bring it to one: gdalwarp -t_srs EPSG:4326 FILE dem.tif",
            )
        )


def is_gaussian(path: Path) -> bool:
    """Whether the first grid of a GRIB file is Gaussian, which its driver lays out evenly.

    Edition 1: octet 6 of the grid description section (code table 6). Edition 2: octets 13 and 14 of section 3 (code table 3.1).
    """
    with path.open("rb") as file:
        head = file.read(_GRIB_HEAD)
    at = head.find(b"GRIB")
    if at < 0 or len(head) < at + 16:
        return False
    if head[at + 7] == 1:
        described = at + 8 + int.from_bytes(head[at + 8 : at + 11], "big")
        return bool(head[at + 15] & 0x80) and head[described + 5 : described + 6] == b"\x04"
    at += 16
    while len(head) >= at + 14 and head[at + 4] < 3:
        at += max(int.from_bytes(head[at : at + 4], "big"), 5)
    return len(head) >= at + 14 and head[at + 4] == 3 and int.from_bytes(head[at + 12 : at + 14], "big") in range(40, 44)


def _axes(dataset: Any) -> Iterator[str]:
    """Variables of the file that are coordinates, by their attributes or their names."""
    tags = dataset.tags()
    names = {key.partition("#")[0] for key in tags if "#" in key}
    for name in sorted(names | set(_USUAL)):
        if (
            name in _USUAL
            or tags.get(f"{name}#standard_name") in _STANDARD
            or tags.get(f"{name}#axis", "").upper() in ("X", "Y")
            or tags.get(f"{name}#units", "").startswith("degree")
        ):
            yield name


def _coordinates(path: Path, name: str, module: Any) -> npt.NDArray[np.float64]:
    """Values of a variable of one dimension; none if there is no such variable."""
    try:
        with module.open(f'NETCDF:"{path}":{name}') as variable:
            if variable.height == 1:
                return np.asarray(variable.read(1), dtype=np.float64).ravel()
    except module.errors.RasterioError:
        pass
    return np.empty(0)
