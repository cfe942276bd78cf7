"""Build the shipped geoid from NGA's EGM96.

    python scripts/build_geoid.py PATH_TO_egm96_15.gtx            writes src/closedsky/geo/data/geoid-30min.bin
    python scripts/build_geoid.py PATH_TO_egm96_15.gtx --check    compares what it would write with what is shipped

The input is a file of Debian's package ``proj-data`` (/usr/share/proj/egm96_15.gtx): the height of the EGM96 geoid over the WGS84
ellipsoid at multiples of 15 arc-minutes, in the format of NOAA's VDatum: a header of four float64 and two int32 (south, west, steps,
rows, columns), then float32 metres, rows from south to north, everything big-endian. EGM96 is a work of the United States government
(NIMA, now NGA, and NASA, 1996), in the public domain.

What is written. Every second node, 30 arc-minutes apart: rows from 90 N to 90 S, columns from 180 W eastward, no meridian twice, int16
centimetres. The script prints how far bilinear interpolation between the nodes kept is from the nodes left out.
"""

import argparse
import struct
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt

from closedsky.geo.geoid import GEOID_FILE, bilinear, unpack
from closedsky.geo.shipped import unwrap, wrap

TARGET = Path(__file__).resolve().parent.parent / "src" / "closedsky" / "io" / "data" / GEOID_FILE
HEADER = {
    "name": "EGM96 geoid, 30 arc-minutes",
    "source": "NIMA and NASA Goddard Space Flight Center, EGM96 geopotential model: geoid heights at 15 arc-minutes, 1996",
    "attribution": "Geoid: EGM96, NIMA and NASA, 1996, public domain; nodes 30 arc-minutes apart.",
}
KEPT = 2

Floats = npt.NDArray[np.float64]


def read_gtx(path: Path) -> Floats:
    """Heights of the geoid, m: rows from 90 N to 90 S, columns from 180 W eastward, 15 arc-minutes apart."""
    raw = path.read_bytes()
    south, west, row_step, col_step, rows, cols = struct.unpack(">4d2i", raw[:40])
    if (south, west, row_step, col_step, rows, cols) != (-90.0, -180.0, 0.25, 0.25, 721, 1440) or len(
        raw
    ) != 40 + 4 * rows * cols:
        raise SystemExit("not the geoid this script knows: it wants 721 x 1440 nodes from 90 S, 180 W")
    return np.frombuffer(raw, dtype=">f4", offset=40).reshape(rows, cols)[::-1].astype(np.float64)


def pack(undulation_m: Floats) -> bytes:
    """Every second node, as the bytes that ``closedsky.geo.geoid.unpack`` reads."""
    kept_cm = np.round(100.0 * undulation_m[::KEPT, ::KEPT]).astype("<i2")
    step = np.diff(kept_cm, axis=1, prepend=np.zeros((kept_cm.shape[0], 1), "<i2"))
    biased = (np.diff(step, axis=0, prepend=np.zeros((1, kept_cm.shape[1]), "<i2")) + 128).astype("<i2").view("<u2")
    planes = np.stack([(biased & 255).astype(np.uint8), (biased >> 8).astype(np.uint8)])
    return wrap({**HEADER, "rows": kept_cm.shape[0], "cols": kept_cm.shape[1]}, planes.tobytes())


def errors_m(undulation_m: Floats, packed: bytes) -> tuple[float, float, float]:
    """Root mean square by area, 99th percentile and greatest error, m, of the packed geoid at all nodes of the input."""
    rows, cols = undulation_m.shape
    lat_deg, lon_deg = np.linspace(90.0, -90.0, rows)[:, None], np.arange(cols)[None, :] * 360.0 / cols - 180.0
    error = np.abs(bilinear(unpack(*unwrap(packed, GEOID_FILE)), lat_deg, lon_deg) - undulation_m)
    weight = np.cos(np.radians(lat_deg)) * np.ones(cols)
    rms = float(np.sqrt((weight * error**2).sum() / weight.sum()))
    return rms, float(np.quantile(error, 0.99)), float(error.max())


def main(arguments: list[str] | None = None) -> int:
    """Build, or with ``--check`` compare; 0 when done or equal, 1 when the shipped geoid differs."""
    parser = argparse.ArgumentParser(description="Build the shipped geoid from NGA's EGM96.")
    parser.add_argument("gtx", type=Path, help="egm96_15.gtx, as in Debian's package proj-data")
    parser.add_argument("--check", action="store_true", help="write nothing; compare with the shipped file")
    parser.add_argument("--target", type=Path, default=TARGET, help="the file to write or compare (default: the shipped one)")
    options = parser.parse_args(arguments)
    undulation_m = read_gtx(options.gtx)
    packed = pack(undulation_m)
    rms, most_of, worst = errors_m(undulation_m, packed)
    print(f"against the 15' nodes: {rms:.2f} m (rms), {most_of:.2f} m (99 %), {worst:.2f} m (greatest)")
    if options.check:
        same = unwrap(options.target.read_bytes(), GEOID_FILE) == unwrap(packed, GEOID_FILE)
        print("the shipped geoid is that of the input" if same else "the shipped geoid DIFFERS from the input")
        return 0 if same else 1
    options.target.write_bytes(packed)
    print(f"{options.target.name}: {len(packed):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
