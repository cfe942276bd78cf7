"""Unit and direction of a raster's heights, wherever they are stated: band, metadata, a file beside it, reference system."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from closedsky.errors import Fault, TerrainError
from closedsky.geo.terrain import datum

_US_FOOT_M: Final = 1200.0 / 3937.0
_UNITS_M: Final = {
    **dict.fromkeys(("m", "metre", "metres", "meter", "meters"), 1.0),
    **dict.fromkeys(("ft", "foot", "feet", "international foot", "international feet", "foot intl", "ift"), 0.3048),
    **dict.fromkeys(
        ("us survey foot", "us survey feet", "survey foot", "survey feet", "us ft", "us foot", "us feet", "ftus", "ft us", "foot us",
         "us ft survey", "sft"), _US_FOOT_M,
    ),
    **dict.fromkeys(("km", "kilometre", "kilometres", "kilometer", "kilometers"), 1000.0),
    **dict.fromkeys(("dm", "decimetre", "decimetres", "decimeter", "decimeters"), 0.1),
    **dict.fromkeys(("cm", "centimetre", "centimetres", "centimeter", "centimeters"), 0.01),
    **dict.fromkeys(("mm", "millimetre", "millimetres", "millimeter", "millimeters"), 0.001),
    **dict.fromkeys(("yd", "yard", "yards"), 0.9144),
    **dict.fromkeys(("fathom", "fathoms", "ftm"), 1.8288),
}  # fmt: skip
"""By name, in small letters, with a space for every hyphen and underscore."""
_VERTICAL_KEYS: Final = ("zunits", "z_units", "vertical_units", "elevation_units")
_BAND_KEYS: Final = (*_VERTICAL_KEYS, "units", "unit", "unittype", "grib_unit")
"""In the metadata of the file, `units` may be those of its coordinates."""
_UNSAID: Final = ("", "-", "unknown", "none", "no")
_DEPTHS: Final = ("depth", "water_depth", "bathymetric_depth")
_SAME: Final = 1e-5
"""The two feet differ by 2e-6."""


def metres_per_unit(path: Path, dataset: Any, wkt: str) -> float:
    """The unit of the first band's heights, m; 1 if none is stated. Raises TerrainError for another, and if two differ."""
    stated: dict[str, float] = {}
    for place, name in _stated(path, dataset):
        plain = re.sub(r"[\s_-]+", " ", name).strip().lower()
        if plain not in _UNITS_M:
            raise _fault(path, f"its heights are in '{name}'", "write them in metres: gdal_calc.py, then gdal_edit.py -units m")
        stated[f"'{name}' in {place}"] = _UNITS_M[plain]
    vertical = datum.vertical_axis(wkt)
    if vertical is not None:
        stated[f"'{vertical.unit_name}' in its reference system"] = vertical.unit_conversion_factor
    if not stated:
        return 1.0
    if max(stated.values()) > (1.0 + _SAME) * min(stated.values()):
        raise _fault(
            path,
            f"its heights are in two units: {' and '.join(stated)}",
            "say which: gdal_edit.py -units, or -a_srs with the reference system of the heights",
        )
    return list(stated.values())[-1]


def are_stated(path: Path, dataset: Any, wkt: str) -> bool:
    """Whether the file states a unit, or a scale, and so that its values measure something."""
    scaled = (dataset.scales[0], dataset.offsets[0]) != (1.0, 0.0)
    return scaled or any(True for _ in _stated(path, dataset)) or datum.vertical_axis(wkt) is not None


def refuse_depths(path: Path, dataset: Any, wkt: str) -> None:
    """Raise TerrainError if the file says that its values count downward."""
    tags = {key.lower(): value.strip().lower() for key, value in dataset.tags(1).items()}
    named = (tags.get("netcdf_varname", ""), (dataset.descriptions[0] or "").lower())
    axis = datum.vertical_axis(wkt)
    if (
        tags.get("positive") == "down"
        or "depth" in tags.get("standard_name", "")
        or any(name in _DEPTHS for name in named)
        or (axis is not None and axis.direction == "down")
    ):
        raise _fault(
            path,
            "its values are depths, counted downward",
            "write altitudes, with the sea at 0: gdal_calc.py --calc='maximum(-A,0)', then gdal_edit.py -a_srs without the depth",
        )


def _stated(path: Path, dataset: Any) -> Iterator[tuple[str, str]]:
    """Where a unit is stated, and its name."""
    if _said(dataset.units[0]):
        yield "the band", _said(dataset.units[0])
    for tags, keys in ((dataset.tags(1), _BAND_KEYS), (dataset.tags(), _VERTICAL_KEYS)):
        for key, value in tags.items():
            if key.lower() in keys and _said(value) and _said(value) != _said(dataset.units[0]):
                yield f"the metadata ({key})", _said(value)
    for line in _projection_lines(path):
        words = line.split()
        if len(words) == 2 and words[0].lower() == "zunits" and _said(words[1]):
            yield f"{path.with_suffix('.prj').name}", words[1]


def _said(name: str | None) -> str:
    """A unit's name, empty if it says nothing; GRIB writes it in brackets."""
    plain = (name or "").strip().strip("[]").strip()
    return "" if plain.lower() in _UNSAID else plain


def _projection_lines(path: Path) -> list[str]:
    """Lines of the .prj file of Arc/Info beside a grid, of which GDAL reads all but the vertical unit."""
    beside = path.with_suffix(".prj")
    try:
        return beside.read_text(encoding="utf-8", errors="replace").splitlines() if beside.is_file() else []
    except OSError:
        return []


def _fault(path: Path, what: str, fix: str) -> TerrainError:
    return TerrainError(Fault(what, str(path), fix))
