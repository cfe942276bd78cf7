"""closedsky's floor over land of this folder, from a GeoTIFF as a user has one, and how far it is from the exact profiles."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from closedsky import api
from closedsky.geo.terrain import read_raster
from tests.reference import profile, relief
from tests.reference.profile import Reals, Surface, Whole


def swept(folder: Path, land: Surface, lat_deg: float, lon_deg: float, height_m: float) -> npt.NDArray[np.float32]:
    """The floor at every node of the land, by closedsky."""
    raster = read_raster(relief.write(folder / "land.tif", land))
    return api.floor(raster, lat_deg, lon_deg, height_m, threads=2)


@dataclass(frozen=True)
class Comparison:
    """Nodes drawn evenly from the whole raster: the exact floor there, and what closedsky says."""

    antenna: profile.Antenna
    rows: Whole
    columns: Whole
    exact: Reals
    found: Reals

    @property
    def error_m(self) -> Reals:
        return np.abs(self.found - self.exact)


def compared(folder: Path, land: Surface, name: str, height_m: float, nodes: int, seed: int = 7) -> Comparison:
    """Both floors at some nodes, for an antenna at one of `relief.SITES`."""
    lat_deg, lon_deg = relief.site(land, name)
    antenna = profile.antenna(land, lat_deg, lon_deg, height_m)
    rows, columns = np.random.default_rng(seed).integers(0, len(land.heights), (2, nodes))
    exact = profile.floor(land, antenna, rows, columns)
    found = swept(folder, land, lat_deg, lon_deg, height_m)[rows, columns].astype(np.float64)
    return Comparison(antenna, rows, columns, exact, found)
