"""Figures of a run: the plan view of one trial, and the distribution of the outcome over trials."""

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from closedsky.errors import Fault, OutputError
from closedsky.geo.terrain import Terrain
from closedsky.physics.constants import EARTH_RADIUS_M
from closedsky.physics.sphere import place_at

# Okabe and Ito's palette, safe for colour-blind readers
RAID, DEFENCE, MISS, KILL, ASSET, INK = "#D55E00", "#0072B2", "#E69F00", "#009E73", "#000000", "#333333"
COAST, BORDER = "#5b7a8c", "#8a8377"
PAPER = "#f4f1ea"
_SOURCES_WIDTH = 150
"""Characters per line of the text below the plan."""


@dataclass(frozen=True)
class Site:
    """A fire unit on the plan: its place, brochure circle and sector (degrees, m)."""

    name: str
    lat_deg: float
    lon_deg: float
    brochure_m: float
    heading_deg: float
    sector_deg: float


@dataclass(frozen=True)
class Plan:
    """Content of the plan view. `tracks`, `coasts`, `borders`: rows (lat, lon) in degrees; `meetings`: rows (lat, lon, 1 for a kill)."""

    title: str
    subtitle: str
    terrain: Terrain
    terrain_label: str
    sites: Sequence[Site]
    sensors: Sequence[tuple[str, float, float]]
    assets: Sequence[tuple[str, float, float, float]]
    tracks: Sequence[tuple[str, npt.NDArray[np.float64]]]
    meetings: npt.NDArray[np.float64]
    coasts: Sequence[npt.NDArray[np.float64]]
    borders: Sequence[npt.NDArray[np.float64]]
    sources: str


def _pyplot() -> Any:
    try:
        import matplotlib
    except ImportError as error:
        raise OutputError(
            Fault("pictures need matplotlib, which is not installed", "--out", "pip install 'closedsky[study]'")
        ) from error
    matplotlib.use("Agg")
    from matplotlib import pyplot

    return pyplot


def draw_plan(path: Path, plan: Plan) -> None:
    """Draw the plan view: tracks, sites with their brochure circles and sectors, and intercept points."""
    plt = _pyplot()
    figure, axes = plt.subplots(figsize=(9.0, 8.0), dpi=130, layout="constrained")
    south, north, west, east = _frame(plan)
    _backdrop(axes, plan.terrain, south, north, west, east)
    _outlines(axes, plan.coasts, COAST, "-", south, north, west, east)
    _outlines(axes, plan.borders, BORDER, (0, (6, 2, 1, 2)), south, north, west, east)
    starts: dict[tuple[float, float], list[str]] = {}
    for name, track in plan.tracks:
        axes.plot(track[:, 1], track[:, 0], color=RAID, linewidth=1.2, alpha=0.85, zorder=3)
        starts.setdefault((round(track[0, 0], 2), round(track[0, 1], 2)), []).append(name)
    for (lat, lon), names in starts.items():
        label = "\n".join(names[:4]) + (f"\nand {len(names) - 4} more" if len(names) > 4 else "")
        side = "right" if lon > 0.5 * (west + east) else "left"
        axes.annotate(
            label, (lon, lat), color=RAID, fontsize=8, ha=side, va="bottom", xytext=(0, 5), textcoords="offset points", zorder=5
        )
    for site in plan.sites:
        circle = _circle(site.lat_deg, site.lon_deg, site.brochure_m, 0.0, 360.0)
        axes.plot(circle[:, 1], circle[:, 0], color=DEFENCE, linewidth=0.9, linestyle=(0, (5, 4)), zorder=3)
        if site.sector_deg < 360.0:
            half = site.sector_deg / 2.0
            wedge = _circle(site.lat_deg, site.lon_deg, site.brochure_m, site.heading_deg - half, site.heading_deg + half)
            closed = np.vstack([[site.lat_deg, site.lon_deg], wedge, [site.lat_deg, site.lon_deg]])
            axes.fill(closed[:, 1], closed[:, 0], color=DEFENCE, alpha=0.08, linewidth=0, zorder=2)
        axes.plot(site.lon_deg, site.lat_deg, marker="^", color=DEFENCE, markersize=9, zorder=6)
        axes.annotate(site.name, (site.lon_deg, site.lat_deg), color=DEFENCE, fontsize=9, fontweight="bold", xytext=(7, -12),
                      textcoords="offset points", zorder=7, annotation_clip=True)  # fmt: skip
    for name, lat, lon in plan.sensors:
        axes.plot(lon, lat, marker="v", color=DEFENCE, markersize=6, zorder=6)
        axes.annotate(
            name, (lon, lat), color=DEFENCE, fontsize=8, xytext=(6, 4), textcoords="offset points", annotation_clip=True
        )
    for name, lat, lon, _ in plan.assets:
        axes.plot(lon, lat, marker="s", color=ASSET, markersize=5, zorder=6)
        axes.annotate(
            name, (lon, lat), color=INK, fontsize=9, xytext=(7, 5), textcoords="offset points", zorder=7, annotation_clip=True
        )
    for kill, marker, colour in ((1.0, "*", KILL), (0.0, "x", MISS)):
        met = plan.meetings[plan.meetings[:, 2] == kill] if plan.meetings.size else plan.meetings
        if met.size:
            axes.scatter(met[:, 1], met[:, 0], marker=marker, color=colour, s=60 if kill else 36, zorder=5)
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    axes.set_aspect(1.0 / math.cos(math.radians(0.5 * (south + north))))
    axes.set_xlabel("longitude, °")
    axes.set_ylabel("latitude, °")
    axes.tick_params(labelsize=8)
    _scale_bar(axes, south, north, west, east)
    _legend(axes, plan)
    figure.suptitle(plan.title, fontsize=10, fontweight="bold", color=INK, wrap=True)
    axes.set_title(f"{plan.subtitle}\nterrain: {plan.terrain_label}", fontsize=9, color=INK)
    sources = [part for line in plan.sources.splitlines() for part in textwrap.wrap(line, _SOURCES_WIDTH)]
    figure.text(0.01, 0.003, "\n".join(sources), fontsize=7, color="#666666")
    below = 0.0165 * max(len(sources), 2)
    figure.get_layout_engine().set(rect=(0, below, 1, 1.0 - below))
    figure.savefig(path)
    plt.close(figure)


def _legend(axes: Any, plan: Plan) -> None:
    from matplotlib.lines import Line2D

    entries = [Line2D([], [], color=RAID, label="raid")]
    if plan.sites:
        entries += [
            Line2D([], [], color=DEFENCE, marker="^", linestyle="none", label="fire unit"),
            Line2D([], [], color=DEFENCE, linestyle=(0, (5, 4)), label="brochure circle, against aircraft"),
            Line2D([], [], color=KILL, marker="*", linestyle="none", label="round meets target: kill"),
            Line2D([], [], color=MISS, marker="x", linestyle="none", label="round meets target: miss"),
        ]
    axes.legend(handles=entries, loc="lower left", fontsize=8, framealpha=0.9)


def _frame(plan: Plan) -> tuple[float, float, float, float]:
    """South, north, west, east, degrees: all tracks, sites and assets with a margin; brochure circles may be cut off."""
    points = [track for _, track in plan.tracks]
    points += [np.array([[lat, lon]]) for _, lat, lon, _ in plan.assets]
    points += [np.array([[site.lat_deg, site.lon_deg]]) for site in plan.sites]
    for site in plan.sites:  # space for at least half of each circle
        points.append(_circle(site.lat_deg, site.lon_deg, 0.5 * site.brochure_m, 0.0, 360.0))
    every = np.vstack(points)
    south, west = every.min(axis=0)
    north, east = every.max(axis=0)
    margin = max(0.06 * max(north - south, east - west), 0.1)
    return south - margin, north + margin, west - margin, east + margin


def _backdrop(axes: Any, terrain: Terrain, south: float, north: float, west: float, east: float) -> None:
    axes.set_facecolor(PAPER)
    if terrain.posting_m == 0.0:
        return
    heights, there = _relief(terrain, np.linspace(north, south, 500), np.linspace(west, east, 500))
    slope = np.gradient(heights, axis=1) - np.gradient(heights, axis=0)
    scale = np.std(slope) or 1.0
    shade = 0.93 - 0.10 * np.clip(heights / 3000.0, 0, 1) + 0.06 * np.tanh(-slope / (2.0 * scale))
    sea = heights <= 0.0
    colour = np.stack(
        [np.where(sea, 0.86, shade), np.where(sea, 0.90, shade * 0.985), np.where(sea, 0.94, shade * 0.95)], axis=-1
    )
    colour[~there] = [int(PAPER[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    axes.imshow(np.clip(colour, 0, 1), extent=(west, east, south, north), aspect="auto", zorder=0, interpolation="bilinear")


def _outlines(
    axes: Any,
    lines: Sequence[npt.NDArray[np.float64]],
    colour: str,
    style: Any,
    south: float,
    north: float,
    west: float,
    east: float,
) -> None:
    """Draw thin background lines, clipped to the frame."""
    for line in lines:
        lat, lon = line[:, 0], line[:, 1] + 360.0 * round((0.5 * (west + east) - line[:, 1].mean()) / 360.0)
        if lat.max() >= south and lat.min() <= north and lon.max() >= west and lon.min() <= east:
            axes.plot(lon, lat, color=colour, linewidth=0.6, linestyle=style, zorder=1)


def _relief(terrain: Terrain, lats: npt.NDArray[Any], lons: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Elevations, m, at latitudes by longitudes, degrees, and where the terrain has data; beyond its edges it is extended."""
    last_row, columns = terrain.grid.shape[0] - 1, terrain.grid.shape[1]
    row = (terrain.north_rad - np.radians(lats)) / terrain.lat_step_rad
    column = (np.radians(lons) - terrain.west_rad) / terrain.lon_step_rad
    if terrain.wraps:
        column %= columns
        across = np.full(lons.shape, True)
    else:
        turn, middle = 2.0 * math.pi / terrain.lon_step_rad, 0.5 * (columns - 1)
        column = middle + (column - middle + 0.5 * turn) % turn - 0.5 * turn
        across = (column >= 0.0) & (column <= columns - 1)
        column = np.clip(column, 0.0, columns - 1.001)
    down = (row >= 0.0) & (row <= last_row)
    row = np.clip(row, 0.0, last_row - 0.001)
    r, c = row.astype(int)[:, None], column.astype(int)[None, :]
    fr, fc = (row - row.astype(int))[:, None], (column - column.astype(int))[None, :]
    right, grid = (c + 1) % columns, terrain.grid
    upper = (1 - fc) * grid[r, c] + fc * grid[r, right]
    return (1 - fr) * upper + fr * ((1 - fc) * grid[r + 1, c] + fc * grid[r + 1, right]), down[:, None] & across[None, :]


def _circle(lat_deg: float, lon_deg: float, radius_m: float, from_deg: float, to_deg: float) -> npt.NDArray[np.float64]:
    """Points (lat, lon), degrees, at a distance of `radius_m` on the sphere, by azimuth."""
    azimuth = np.radians(np.linspace(from_deg, to_deg, 181))
    lat, lon = place_at(math.radians(lat_deg), math.radians(lon_deg), azimuth, np.full(azimuth.size, radius_m))
    return np.column_stack([np.degrees(lat), np.degrees(lon)])


def _scale_bar(axes: Any, south: float, north: float, west: float, east: float) -> None:
    middle = math.radians(0.5 * (south + north))
    wide_km = math.radians(east - west) * math.cos(middle) * EARTH_RADIUS_M / 1000.0
    nice = 10.0 ** math.floor(math.log10(wide_km / 4.0))
    length_km = max(step for step in (nice, 2 * nice, 5 * nice) if step <= wide_km / 4.0)
    span = math.degrees(1000.0 * length_km / EARTH_RADIUS_M / math.cos(middle))
    x, y = east - 0.04 * (east - west) - span, south + 0.04 * (north - south)
    axes.plot([x, x + span], [y, y], color=INK, linewidth=2.5, solid_capstyle="butt", zorder=8)
    axes.annotate(
        f"{length_km:g} km", (x + span / 2, y), ha="center", xytext=(0, 5), textcoords="offset points", fontsize=8, zorder=8
    )


def draw_outcomes(path: Path, title: str, leakers: Sequence[tuple[str, npt.NDArray[Any]]], launched: int, note: str) -> None:
    """Draw the distribution of leakers over trials, one panel per variant, on a common scale."""
    plt = _pyplot()
    figure, panels = plt.subplots(len(leakers), 1, sharex=True, squeeze=False, dpi=130, figsize=(8.0, 1.0 + 1.15 * len(leakers)),
                                  layout="constrained")  # fmt: skip
    most = max(int(values.max()) for _, values in leakers)
    width = max(math.ceil((most + 1) / 60), 1)
    edges = np.arange(0, most + width + 1, width) - 0.5
    for (name, values), axes in zip(leakers, panels[:, 0], strict=True):
        heights, _ = np.histogram(values, bins=edges)
        axes.bar(edges[:-1] + width / 2, heights / values.size, width=0.9 * width, color=DEFENCE)
        axes.axvline(float(values.mean()), color=RAID, linewidth=1.5)
        axes.set_title(f"{name}: mean {values.mean():.2f}", fontsize=9, loc="left", color=INK)
        axes.set_ylim(0, None)
        axes.tick_params(labelsize=8)
        axes.spines[["top", "right"]].set_visible(False)
        axes.yaxis.set_major_formatter("{x:.0%}")
        axes.yaxis.set_major_locator(plt.MaxNLocator(3))
        axes.xaxis.set_major_locator(plt.MaxNLocator(integer=True))
    panels[-1, 0].set_xlabel(f"get through, of {launched} launched (share of trials; line: mean)", fontsize=9)
    figure.suptitle(title, fontsize=10, fontweight="bold", color=INK, wrap=True)
    figure.text(0.01, 0.003, note, fontsize=7, color="#666666")
    figure.get_layout_engine().set(rect=(0, 0.03, 1, 0.97))
    figure.savefig(path)
    plt.close(figure)
