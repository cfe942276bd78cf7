"""Build the shipped world terrain from NOAA's ETOPO5.

    python scripts/build_world_terrain.py PATH_TO_etopo5.cdf            writes src/closedsky/geo/data/world-5min.bin
    python scripts/build_world_terrain.py PATH_TO_etopo5.cdf --check    compares what it would write with what is shipped

The input is the netCDF file of Debian's package ``ferret-datasets`` (/usr/share/ferret-vis/data/etopo5.cdf): the relief of the
Earth, sea floor included, in whole metres, 2,161 by 4,320 values. ETOPO5 is a work of the United States government, in the
public domain.

Registration. Values stand at nodes, multiples of 5 arc-minutes: 90 S to 90 N and 0 to 359 55' E, no column twice. So says
NCAR's description of the data (ds759.1): rows from 90 N, columns from 0 E, no row at 90 S, 2,810 m to be assumed there (this
file has it). The file's own longitudes drift to 359.92 at the end, a rounded step; the nodes are taken as exact. Against an
independent land mask of 30 arc-seconds, land and sea agree at 99.1 % of the nodes between 60 S and 70 N, best of all shifts but
for 1 arc-minute; region by region, ETOPO5's coasts lie up to one posting too far west (Middle East, east Asia, United States)
and in the United States 3 arc-minutes too far north. That is left as it is.

What is written. Rows from north to south, columns from 180 W eastward, int16 metres. Relief below sea level becomes 0: ETOPO5
cannot tell land below sea level from sea. Known casualties, all raised to 0 m: the Dead Sea, its shores and the Jordan valley
with Jericho and Tiberias; the Caspian Sea and its low shores (Baku, Astrakhan, Atyrau); the polders of the Netherlands; the
Qattara and Danakil depressions; the floor of Death Valley and the Salton Sea; Lake Eyre. Turpan is 0 m in ETOPO5 itself. Low
coast that ETOPO5 has at or below 0 m counts as sea. The resolution is truly 5 arc-minutes in the United States, Europe, Japan
and Australia, and down to 1 degree in data-poor parts of Asia, South America, northern Canada and Africa, where heights may
come in steps of 150 m.

The file is the same for the same input and the same zlib; the heights in it are the same with any zlib.
"""

import argparse
import hashlib
import json
import sys
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.io import netcdf_file

from closedsky.geo.terrain import WORLD_FILE, unpack

TARGET = Path(__file__).resolve().parent.parent / "src" / "closedsky" / "io" / "data" / WORLD_FILE
NAME = "world (ETOPO5)"
SOURCE = "NOAA National Geophysical Data Center, Digital relief of the surface of the Earth (ETOPO5), 88-MGG-02, 1988"
ATTRIBUTION = (
    "Elevation: ETOPO5, NOAA National Geophysical Data Center, 1988, public domain; nodes 5 arc-minutes apart, sea and land "
    "below sea level at 0 m, resolution down to 1 degree in parts of Asia, Africa, South America and northern Canada; "
    "too coarse for masking."
)
LON_DRIFT_DEG = 0.005

Floats = npt.NDArray[np.float64]
Heights = npt.NDArray[np.int16]


def read_relief(path: Path) -> tuple[Floats, Floats, Floats]:
    """Latitudes and longitudes of the nodes, degrees, and relief[lat, lon], m: the netCDF file's one two-dimensional variable."""
    with netcdf_file(str(path), "r", mmap=False) as data:
        (relief,) = [variable for variable in data.variables.values() if len(variable.dimensions) == 2]
        lat, lon = (data.variables[name] for name in relief.dimensions)
        return tuple(np.array(variable[:], dtype=np.float64) for variable in (lat, lon, relief))  # type: ignore[return-value]


def arrange(lat_deg: Floats, lon_deg: Floats, relief_m: Floats) -> Heights:
    """Heights of the land, m: rows from 90 N to 90 S, columns from 180 W eastward, no meridian twice, 0 below sea level."""
    if lat_deg[0] < lat_deg[-1]:
        lat_deg, relief_m = lat_deg[::-1], relief_m[::-1]
    cols = 2 * (lat_deg.size - 1)
    if lon_deg.size == cols + 1 and np.array_equal(relief_m[:, 0], relief_m[:, -1]):
        lon_deg, relief_m = lon_deg[:-1], relief_m[:, :-1]
    even = np.linspace(90.0, -90.0, lat_deg.size)
    nodes = lon_deg[0] + 360.0 * np.arange(cols) / cols
    _require(relief_m.shape == (lat_deg.size, cols) and lon_deg.size == cols, f"shape {relief_m.shape} is no global grid")
    _require(np.allclose(lat_deg, even, atol=1e-6, rtol=0.0), "latitudes are not even from pole to pole")
    _require(np.allclose(lon_deg, nodes, atol=LON_DRIFT_DEG, rtol=0.0), "longitudes are not even around the Earth")
    _require(bool(np.all(np.abs(relief_m) < 12_000.0)), "there are missing or impossible heights")
    _require(bool(np.all(relief_m == np.round(relief_m))), "heights are not whole metres")
    start = (-180.0 - lon_deg[0]) / 360.0 * cols % cols
    _require(start == round(start), "no column at 180 W")
    return np.roll(np.maximum(relief_m, 0.0), -round(start), axis=1).astype("<i2")


def pack(heights_m: Heights) -> bytes:
    """Heights as the bytes that ``closedsky.geo.terrain.unpack`` reads."""
    heights_m = np.ascontiguousarray(heights_m, dtype="<i2")
    header = {
        "name": NAME,
        "source": SOURCE,
        "attribution": ATTRIBUTION,
        "rows": heights_m.shape[0],
        "cols": heights_m.shape[1],
        "sha256": hashlib.sha256(heights_m.tobytes()).hexdigest(),
    }
    from_zero = np.zeros((heights_m.shape[0], 1), dtype="<i2")
    biased = (np.diff(heights_m, axis=1, prepend=from_zero) + 128).astype("<i2").view("<u2")
    planes = np.stack([(biased & 255).astype(np.uint8), (biased >> 8).astype(np.uint8)])
    return json.dumps(header).encode() + b"\n" + zlib.compress(planes.tobytes(), 9)


def _require(holds: bool, complaint: str) -> None:
    if not holds:
        raise SystemExit(f"not the relief this script knows: {complaint}")


def main(arguments: list[str] | None = None) -> int:
    """Build, or with ``--check`` compare; 0 when done or equal, 1 when the shipped heights differ."""
    parser = argparse.ArgumentParser(description="Build the shipped world terrain from NOAA's ETOPO5.")
    parser.add_argument("relief", type=Path, help="etopo5.cdf, as in Debian's package ferret-datasets")
    parser.add_argument("--check", action="store_true", help="write nothing; compare with the shipped file")
    parser.add_argument("--target", type=Path, default=TARGET, help="the file to write or compare (default: the shipped one)")
    options = parser.parse_args(arguments)
    heights_m = arrange(*read_relief(options.relief))
    if options.check:
        same = np.array_equal(unpack(options.target.read_bytes())[1], heights_m)
        print("the shipped heights are those of the input" if same else "the shipped heights DIFFER from the input")
        return 0 if same else 1
    packed = pack(heights_m)
    unpack(packed)
    options.target.write_bytes(packed)
    print(f"{options.target.name}: {heights_m.shape[0]} x {heights_m.shape[1]} nodes, {len(packed):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
