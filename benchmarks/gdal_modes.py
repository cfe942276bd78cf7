"""Times GDAL's viewshed in each of its modes through GDAL's Python bindings, for an interpreter that has them (`/usr/bin/python3`).

The command `gdal_viewshed` has one mode (edge). Input is a task as JSON; output is the wall time of each call, file to file, as JSON.
The files contain the least visible height above ground.
"""

import json
import sys
import time

from osgeo import gdal

gdal.UseExceptions()
MODES = {"diagonal": gdal.GVM_Diagonal, "edge": gdal.GVM_Edge, "max": gdal.GVM_Max, "min": gdal.GVM_Min}


def viewshed(source: str, target: str, x: float, y: float, height_m: float, curvature: float, mode: str) -> float:
    began = time.perf_counter()
    dataset = gdal.Open(source)
    made = gdal.ViewshedGenerate(
        dataset.GetRasterBand(1), "GTiff", target, [], x, y, height_m, 0.0, 255, 0, -1, -1, curvature, MODES[mode], 0.0,
        heightMode=gdal.GVOT_MIN_TARGET_HEIGHT_FROM_GROUND,
    )  # fmt: skip
    made.FlushCache()
    del made
    return time.perf_counter() - began


if __name__ == "__main__":
    task = json.loads(sys.argv[1])
    seconds = {
        mode: viewshed(
            task["source"], f"{task['target']}-{mode}.tif", task["x"], task["y"], task["height_m"], task["curvature"], mode
        )
        for mode in task["modes"]
    }
    print(json.dumps({"version": gdal.__version__, "seconds": seconds}))
