"""`python -m benchmarks.floors`: visibility floors of 100 antennas, each to 400 km over terrain of 500 m posting, in one call.

Measures time and memory of this process, without compilation. GDAL and GRASS take one antenna per call: see `benchmarks.peers`.
"""

import time

import numpy as np
from pyproj import CRS

import closedsky
from benchmarks.setup import peak_mb
from closedsky.geo.terrain.placement import Placement
from closedsky.geo.terrain.raster import Raster

NODES, POSTING_M = 4000, 500.0
ANTENNAS, REACH_M, MAST_M = 100, 400e3, 20.0


def land() -> Raster:
    """A raster of 2,000 km by 2,000 km of hills in an equal-area projection."""
    random = np.random.default_rng(1)
    cycles = np.hypot(np.fft.fftfreq(NODES)[:, None], np.fft.rfftfreq(NODES)[None, :])
    cycles[0, 0] = np.inf
    waves = np.fft.irfft2(cycles**-1.8 * np.exp(2j * np.pi * random.random(cycles.shape)), s=(NODES, NODES))
    heights = (3500.0 * (waves - waves.min()) / np.ptp(waves)).astype(np.float32)
    half_m = 0.5 * NODES * POSTING_M
    place = Placement(
        CRS.from_proj4("+proj=laea +lat_0=45 +lon_0=20").to_wkt(),
        (POSTING_M, 0.0, -half_m, 0.0, -POSTING_M, half_m),
        NODES,
        NODES,
    )
    return Raster("hills", heights, *place.lattice(), POSTING_M, place.crs, place.transform, "", "")


def main() -> None:
    raster = land()
    margin = REACH_M / POSTING_M
    rows, columns = np.random.default_rng(2).uniform(margin, NODES - margin, (2, ANTENNAS))
    lats, lons = raster.placement.position(rows, columns)
    closedsky.floor(raster, lats[:1], lons[:1], MAST_M, radius_m=REACH_M)
    before, began, used = peak_mb(), time.perf_counter(), time.process_time()
    floor = closedsky.floor(raster, lats, lons, MAST_M, radius_m=REACH_M)
    print(
        f"{ANTENNAS} antennas, {REACH_M / 1e3:.0f} km at {POSTING_M:.0f} m, {np.isfinite(floor).mean():.0%} of {NODES} x {NODES} nodes: "
        f"{time.perf_counter() - began:.2f} s, processor {time.process_time() - used:.2f} s, peak {peak_mb():.0f} MB ({before:.0f} before)"
    )


if __name__ == "__main__":
    main()
