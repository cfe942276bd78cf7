"""The coverage map on matplotlib axes: relief, closed areas, coasts and borders, units with names, scale and north arrow."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from closedsky.coverage.figure_sheet import Sheet, country_mask, lines, near, painted, share, tints
from closedsky.geo.area import Area
from closedsky.geo.cells import Cells, circle, degrees, project
from closedsky.geo.land import land

INK, SOFT, COAST, BORDER, UNIT = "#222222", "#6b6b6b", "#7f97a5", "#8d867b", "#b3370a"
DASHED: Final = (0, (5, 3))
FEW, MOST_NAMES = 12, 40
"""Up to FEW units have large marks; above MOST_NAMES units there are no names."""
_AROUND = ((1, 0), (1, 0.8), (1, -0.8), (-1, 0), (-1, 0.8), (-1, -0.8), (0, 1), (0, -1))
"""Candidate positions of a name around its unit: right, up."""
_HALO: Final = 0.75
_TICK: Final = {"textcoords": "offset points", "fontsize": 5.5, "color": SOFT, "annotation_clip": False}

Floats = npt.NDArray[np.float64]
Box = tuple[float, float, float, float]
"""West, south, east, north, in pixels of the figure."""


@dataclass(frozen=True, eq=False)
class SkyView:
    """The content of the figure.

    title, subtitle  title, and the target line
    cells, relief    the frame, and the altitude of its ground, m
    closed           (label, cells closed), the highest level first
    area             the area of which shares are taken; None without one
    units            (name, latitude, longitude), degrees
    circles          (latitude, longitude, radius in m): brochure circles
    rows             (label, value) of the table; a label of `closed` is shown beside its colour
    terrain_label    name of the terrain, with a note where it makes results an upper bound
    notes            warnings and explanations
    sources          attributions
    posting_m        posting of the terrain, m; if positive, relief is smoothed over it
    """

    title: str
    subtitle: str
    cells: Cells
    relief: npt.NDArray[Any]
    closed: Sequence[tuple[str, npt.NDArray[np.bool_]]]
    area: Area | None
    units: Sequence[tuple[str, float, float]]
    circles: Sequence[tuple[float, float, float]]
    rows: Sequence[tuple[str, str]]
    terrain_label: str
    notes: Sequence[str]
    sources: Sequence[str]
    posting_m: float = 0.0


def draw_map(axes: Any, page: Sheet, view: SkyView) -> None:
    """Draw a view on axes that have the aspect ratio of the sheet."""
    west, east, south, north = page.extent
    axes.set(xlim=(west, east), ylim=(south, north), xticks=[], yticks=[])
    covers = [share(page, view.cells, mask) for _, mask in view.closed]
    colours = painted(page, view.cells, view.relief, view.posting_m, covers, view.area)
    axes.imshow(colours, extent=page.extent, zorder=0, interpolation="bilinear", aspect="auto")
    _edges(axes, page, covers)
    for shapes, colour, style in ((land().coasts, COAST, "-"), (land().borders, BORDER, (0, (6, 2, 1, 2)))):
        for x, y in lines(page, shapes):
            axes.plot(x, y, color=colour, linewidth=0.6, linestyle=style, zorder=3)
    if view.area is not None:
        outline = lines(page, [ring for rings in view.area.polygons for ring in rings])
        for ink, wide, alpha, above in (("white", 2.6, 0.55, 3.9), (INK, 1.3, 1.0, 4.0)):
            for x, y in outline:
                axes.plot(x, y, color=ink, linewidth=wide, alpha=alpha, zorder=above, solid_joinstyle="round")
    width = 0.75 if len(view.circles) <= FEW else 0.5
    for lat, lon, radius_m in view.circles:
        x, y = project(page.crs, *circle(lat, lon, radius_m).T)
        axes.plot(x, y, color=INK, linewidth=width, alpha=0.85, linestyle=DASHED, zorder=5)
    _graticule(axes, page)
    taken = [_scale(axes, page), _north(axes, page)]
    taken += _units(axes, page, view, taken)
    _countries(axes, page, view.area, taken)


def _edges(axes: Any, page: Sheet, covers: Sequence[Floats]) -> None:
    """A thin dark outline of each closed area."""
    west, _, _, north = page.extent
    rows, cols = page.shape
    x, y = west + (np.arange(cols) + 0.5) * page.step_m, north - (np.arange(rows) + 0.5) * page.step_m
    for cover, tint in zip(covers, tints(len(covers)), strict=True):
        if cover.min() < 0.5 < cover.max():
            axes.contour(x, y, cover, levels=[0.5], colors=[tuple(0.55 * part for part in tint)], linewidths=0.5, zorder=2)


def _units(axes: Any, page: Sheet, view: SkyView, taken: list[Box]) -> list[Box]:
    """Draw unit marks, and the names that fit; returns the boxes of both."""
    from matplotlib.patheffects import withStroke

    if not view.units:
        return []
    x, y = project(page.crs, [lat for _, lat, _ in view.units], [lon for _, _, lon in view.units])
    size = 8.5 if len(view.units) <= FEW else 6.5
    axes.plot(
        x, y, linestyle="none", marker="^", markersize=size, color=UNIT, markeredgecolor="white", markeredgewidth=0.8, zorder=7
    )
    half = 0.5 * size * axes.figure.dpi / 72.0
    points = axes.transData.transform(np.column_stack([x, y]))
    boxes = [(px - half, py - half, px + half, py + half) for px, py in points]
    left_out = 0
    for (name, _, _), mark in zip(view.units, boxes[:], strict=True):
        text = axes.text(0, 0, name, fontsize=8.5 if size > 7.0 else 7.0, fontweight="bold", color=INK, zorder=8, parse_math=False,
                         transform=None, path_effects=[withStroke(linewidth=2.2, foreground=(1, 1, 1, 0.8))])  # fmt: skip
        place = _free(axes, text, mark, [*taken, *boxes]) if len(view.units) <= MOST_NAMES else None
        if place is None:
            text.remove()
            left_out += 1
        else:
            boxes.append(place)
    if left_out and len(view.units) <= MOST_NAMES:
        axes.text(0.5, 0.012, f"{left_out} of {len(view.units)} units stand without a name, for want of room", fontsize=6.5,
                  color=SOFT, ha="center", transform=axes.transAxes, zorder=8)  # fmt: skip
    return boxes


def _free(axes: Any, text: Any, mark: Box, taken: Sequence[Box]) -> Box | None:
    """Place a text beside a mark without overlap and return its box; None if there is no room."""
    frame = axes.get_window_extent()
    bounds = text.get_window_extent(axes.figure.canvas.get_renderer())
    wide, high, gap = bounds.width, bounds.height, 2.0
    middle_x, middle_y, half = 0.5 * (mark[0] + mark[2]), 0.5 * (mark[1] + mark[3]), 0.5 * (mark[2] - mark[0])
    for right, up in _AROUND:
        x = middle_x + right * (half + gap + 0.5 * wide)
        y = middle_y + up * (half + (gap + 0.5 * high if right == 0 else 0.0))
        box = (x - 0.5 * wide, y - 0.5 * high, x + 0.5 * wide, y + 0.5 * high)
        if _within(box, frame) and not any(_overlap(box, other) for other in taken if other is not mark):
            _put(axes, text, box)
            return box
    return None


def _put(axes: Any, text: Any, box: Box) -> None:
    """Place a text in its box, in axes coordinates: pixel coordinates differ in a PDF."""
    text.set(position=axes.transAxes.inverted().transform(box[:2]), transform=axes.transAxes, ha="left", va="bottom")


def _within(box: Box, frame: Any) -> bool:
    return bool(box[0] > frame.x0 + 3 and box[1] > frame.y0 + 3 and box[2] < frame.x1 - 3 and box[3] < frame.y1 - 3)


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _countries(axes: Any, page: Sheet, area: Area | None, taken: list[Box]) -> None:
    """Names of countries, each at the point of its part of the map farthest from the edges, if there is room."""
    from matplotlib.patheffects import withStroke
    from scipy.ndimage import distance_transform_edt

    west, east, south, north = page.extent
    step = max(east - west, north - south) / 160.0
    coarse = Sheet(page.crs, step, page.left, page.top, (round((north - south) / step), round((east - west) / step)))
    halo = [withStroke(linewidth=1.8, foreground=(1, 1, 1, 0.6))]
    frame = axes.get_window_extent()
    for country in near(page):
        if area is not None and area.iso3 == country.iso3 != "":
            continue  # the area itself: outlined, and named in the key
        depth = distance_transform_edt(np.pad(country_mask(coarse, country), 1))[1:-1, 1:-1]
        row, col = np.unravel_index(int(np.argmax(depth)), depth.shape)
        if depth[row, col] < 4.0:
            continue
        x, y = coarse.left + (col + 0.5) * coarse.step_m, coarse.top - (row + 0.5) * coarse.step_m
        text = axes.text(0, 0, " ".join(country.name.upper()), fontsize=6.5, color=SOFT, transform=None, zorder=6,
                         path_effects=halo)  # fmt: skip
        px, py = axes.transData.transform((x, y))
        room = depth[row, col] * step * frame.width / (east - west)
        bounds = text.get_window_extent(axes.figure.canvas.get_renderer())
        box = (px - 0.5 * bounds.width, py - 0.5 * bounds.height, px + 0.5 * bounds.width, py + 0.5 * bounds.height)
        if bounds.width > 3.2 * room or not _within(box, frame) or any(_overlap(box, other) for other in taken):
            text.remove()
            continue
        _put(axes, text, box)
        taken.append(box)


def _scale(axes: Any, page: Sheet) -> Box:
    """A scale bar of round length, lower left; within 500 km of the projection's centre, distances are true to 1 in 1,000."""
    from matplotlib.patheffects import withStroke

    west, east, south, north = page.extent
    longest = 0.28 * (east - west)
    nice = 10.0 ** math.floor(math.log10(longest))
    length = max(step for step in (nice, 2 * nice, 5 * nice) if step <= longest)
    margin = 0.03 * min(east - west, north - south)
    x, y = west + margin, south + margin
    halo = [withStroke(linewidth=3.5, foreground=(1, 1, 1, _HALO))]
    axes.plot([x, x + length], [y, y], color=INK, linewidth=2.2, solid_capstyle="butt", zorder=8, path_effects=halo)
    text = axes.annotate(f"{length / 1000:g} km", (x + 0.5 * length, y), ha="center", xytext=(0, 4), textcoords="offset points",
                         fontsize=8, color=INK, zorder=8, path_effects=halo)  # fmt: skip
    bounds = text.get_window_extent(axes.figure.canvas.get_renderer())
    (left, low), (right, _) = axes.transData.transform([(x, y), (x + length, y)])
    return left - 4, low - 4, max(right, bounds.x1) + 4, bounds.y1


def _north(axes: Any, page: Sheet) -> Box:
    """An arrow to true north at its own position, upper right."""
    west, east, south, north = page.extent
    margin, length = 0.03 * min(east - west, north - south), 0.04 * max(north - south, east - west)
    x, y = east - margin - 0.5 * length, north - margin - 1.35 * length
    lat, lon = (float(part) for part in degrees(page.crs, x, y))
    up_x, up_y = (float(part) for part in project(page.crs, min(lat + 0.01, 90.0), lon))
    turn = math.atan2(up_x - x, up_y - y)
    tip, letter = ((x + far * length * math.sin(turn), y + far * length * math.cos(turn)) for far in (1.0, 1.3))
    axes.annotate("", tip, (x, y), zorder=8,
                  arrowprops={"arrowstyle": "-|>", "color": INK, "linewidth": 1.2, "shrinkA": 0, "shrinkB": 0})  # fmt: skip
    axes.text(*letter, "N", ha="center", va="center", fontsize=8, fontweight="bold", color=INK, zorder=8)
    (left, low), (right, high) = axes.transData.transform([(x - 0.7 * length, y), (x + 0.7 * length, y + 1.6 * length)])
    return left, low, right, high


def _graticule(axes: Any, page: Sheet) -> None:
    """Thin meridians and parallels, labelled at the lower and left edges of the frame."""
    west, east, south, north = page.extent
    x, y = np.linspace(west, east, 200), np.linspace(south, north, 200)
    lat, lon = degrees(page.crs, *np.meshgrid(x, y))
    parallels, meridians = _round(lat, (0.1, 0.2, 0.5, 1, 2, 5, 10)), _round(lon, (0.1, 0.2, 0.5, 1, 2, 5, 10, 20))
    along_lat, along_lon = np.linspace(lat.min() - 1.0, min(lat.max() + 1.0, 89.9), 200), np.linspace(lon.min(), lon.max(), 400)
    for shape in [(along_lat, value) for value in meridians] + [(value, along_lon) for value in parallels]:
        axes.plot(*project(page.crs, *np.broadcast_arrays(*shape)), color=INK, linewidth=0.35, alpha=0.22, zorder=1)
    for value in parallels[(parallels > lat[0, 0]) & (parallels < lat[-1, 0])]:
        axes.annotate(_named(value, "N", "S"), (west, np.interp(value, lat[:, 0], y)), xytext=(-2, 0), rotation=90, ha="right",
                      va="center", **_TICK)  # fmt: skip
    for value in meridians[(meridians > lon[0, 0]) & (meridians < lon[0, -1])]:
        axes.annotate(
            _named(value, "E", "W"), (np.interp(value, lon[0], x), south), xytext=(0, -2), ha="center", va="top", **_TICK
        )


def _round(values: Floats, steps: Sequence[float]) -> Floats:
    """Multiples of a step within the range of values: the finest step with at most seven intervals, else the last step."""
    low, high = float(values.min()), float(values.max())
    step = next((step for step in steps if (high - low) / step <= 7.0), steps[-1])
    return np.asarray(step * np.arange(math.ceil(low / step), math.floor(high / step) + 1))


def _named(value: float, positive: str, negative: str) -> str:
    value = round((value + 180.0) % 360.0 - 180.0 if abs(value) > 180.0 else value, 6)
    return f"{abs(value):g}°{positive if value > 0 else negative if value < 0 else ''}"
