"""The figure of a defended footprint: one panel per azimuth, low within likely within high, north up."""

import math
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from closedsky.errors import Fault, OutputError
from closedsky.model.footprint import FootprintAnswer

Maps = Mapping[tuple[str, float], tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.int64]]]

# Okabe and Ito's blue in three shades, and their vermilion for the threat: distinct for colour-blind readers and in greyscale.
_SHADES = (("high", "#cfe3f1"), ("likely", "#6fadd6"), ("low", "#0b5c94"))
_THREAT, _INK = "#D55E00", "#333333"
_PAPER = "#f4f1ea"
_COLUMNS = 4


def draw_footprint(path: Path, answer: FootprintAnswer, maps: Maps, sources: str) -> None:
    """Draw the aim points that are offered at least the requested opportunities before impact, by arrival azimuth, to a file."""
    plt = _pyplot()
    azimuths = [row.from_deg for row in answer.likely]
    columns = min(_COLUMNS, len(azimuths))
    rows = math.ceil(len(azimuths) / columns)
    size = (max(3.0 * columns, 6.5), 3.0 * rows + 2.2) if len(azimuths) > 1 else (7.0, 7.6)
    figure, panels = plt.subplots(
        rows, columns, squeeze=False, figsize=size, dpi=130, layout="constrained", sharex=True, sharey=True
    )
    half_km = _half_km(answer)
    for axes, azimuth in zip(panels.flat, azimuths, strict=False):
        _panel(axes, answer, maps, azimuth, half_km)
    for axes in list(panels.flat)[len(azimuths) :]:
        axes.set_visible(False)
    for axes in panels[-1]:
        axes.set_xlabel("km east", fontsize=8)
    for axes in panels[:, 0]:
        axes.set_ylabel("km north", fontsize=8)
    _frame(figure, _title(answer), _legend(answer, half_km), textwrap.wrap(sources, int(22 * size[0])))
    figure.savefig(path)
    plt.close(figure)


def _frame(figure: Any, title: str, entries: list[Any], sources: list[str]) -> None:
    """Place the title above the panels and legend and sources below them, with space for their lines."""
    wide_in, high_in = figure.get_size_inches()
    columns = max(int(wide_in / 4.0), 1)
    above = (0.2 + 0.165 * (title.count("\n") + 1)) / high_in
    sources_high = (0.08 + 0.11 * len(sources)) / high_in
    below = sources_high + (0.25 + 0.155 * math.ceil(len(entries) / columns)) / high_in
    figure.text(0.5, 1.0 - 0.1 / high_in, title, fontsize=9, color=_INK, ha="center", va="top")
    figure.legend(handles=entries, loc="lower center", bbox_to_anchor=(0.5, sources_high), fontsize=7, ncols=columns)
    figure.text(0.01, 0.04 / high_in, "\n".join(sources), fontsize=6, color="#666666", va="bottom")
    figure.get_layout_engine().set(rect=(0, below, 1, 1.0 - below - above))


def _panel(axes: Any, answer: FootprintAnswer, maps: Maps, azimuth: float, half_km: float) -> None:
    axes.set_facecolor(_PAPER)
    turn = math.radians(azimuth)
    for k, (end, colour) in enumerate(_SHADES):
        if (end, azimuth) not in maps:
            continue
        along, right, counts = maps[end, azimuth]
        ahead, aside = np.meshgrid(_padded(along) / 1000.0, _padded(right) / 1000.0, indexing="ij")
        east, north = ahead * math.sin(turn) + aside * math.cos(turn), ahead * math.cos(turn) - aside * math.sin(turn)
        inside = np.pad(counts >= answer.opportunities, 1).astype(float)
        if inside.any():
            axes.contourf(east, north, inside, levels=[0.5, 1.5], colors=[colour], zorder=k)
            axes.contour(east, north, inside, levels=[0.5], colors=[_INK], linewidths=0.4, zorder=k)
    round_ = np.linspace(0.0, 2.0 * math.pi, 181)
    for radius_km, style in ((answer.unit.intercept_range_km, (0, (5, 4))), (answer.unit.brochure_km, (0, (1, 3)))):
        axes.plot(radius_km * np.sin(round_), radius_km * np.cos(round_), color=_INK, linewidth=0.9, linestyle=style, zorder=5)
    axes.plot(0.0, 0.0, marker="^", color=_INK, markersize=6, zorder=6)
    start = 0.97 * half_km * np.array([math.sin(turn), math.cos(turn)])
    axes.annotate("", 0.68 * start, start, arrowprops={"arrowstyle": "-|>", "color": _THREAT, "linewidth": 1.6}, zorder=7)
    axes.set_title(f"from {azimuth:03.0f}°: {_figures(answer, azimuth)} km²", fontsize=8, color=_INK)
    axes.set(xlim=(-half_km, half_km), ylim=(-half_km, half_km), aspect="equal")
    axes.tick_params(labelsize=7)


def _padded(middles: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The centres of cells, with one more on either side."""
    step = middles[1] - middles[0]
    return np.concatenate([[middles[0] - step], middles, [middles[-1] + step]])


def _figures(answer: FootprintAnswer, azimuth: float) -> str:
    found = [row.area_km2 for end in ("low", "likely", "high") for row in getattr(answer, end) if row.from_deg == azimuth]
    return " / ".join(f"{area:.0f}" for area in found)


def _half_km(answer: FootprintAnswer) -> float:
    """Half the side of a panel, km: large enough for every footprint and the circle of the published range against ballistic missiles."""
    rows = [*answer.low, *answer.likely, *answer.high]
    reaches = [reach for row in rows for reach in (row.ahead_km, row.behind_km, row.left_km, row.right_km) if reach is not None]
    return 1.2 * max([answer.unit.intercept_range_km, *reaches])


def _title(answer: FootprintAnswer) -> str:
    unit, threat = answer.unit, answer.threat
    apogee = "minimum energy" if threat.apogee_km is None else f"apogee {threat.apogee_km:g} km"
    facing = "\nits sector faces each azimuth in turn: any one direction at a time"
    many = "1 opportunity" if answer.opportunities == 1 else f"{answer.opportunities} opportunities"
    return (
        f"Aim points that one {unit.name} defends against {threat.name}\n"
        f"{threat.range_km:g} km, {apogee}, arriving at {threat.arrival_mps:.0f} m/s; {answer.together} at a time, "
        f"{many} or more before impact" + (facing if unit.sector_deg < 360.0 and unit.heading_deg is None else "")
        + f"\nareas: low / likely / high; terrain: {answer.terrain.label}"
    )  # fmt: skip


def _legend(answer: FootprintAnswer, half_km: float) -> list[Any]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    said = {"high": "every figure favours the defender", "likely": "as chosen", "low": "every figure favours the attacker"}
    entries: list[Any] = [
        Patch(facecolor=colour, edgecolor=_INK, linewidth=0.4, label=f"{end}: {said[end]}") for end, colour in _SHADES
    ]
    reach = f"published range against ballistic missiles, {answer.unit.intercept_range_km:g} km: of the intercept"
    entries.append(Line2D([], [], color=_INK, linestyle=(0, (5, 4)), label=reach))
    if 0.0 < answer.unit.brochure_km < half_km * math.sqrt(2.0):
        brochure = f"brochure circle, against aircraft, {answer.unit.brochure_km:g} km"
        entries.append(Line2D([], [], color=_INK, linestyle=(0, (1, 3)), label=brochure))
    entries.append(Line2D([], [], color=_THREAT, marker=">", label="where the missiles come from"))
    return entries


def _pyplot() -> Any:
    try:
        import matplotlib
    except ImportError as error:
        fault = Fault("pictures need matplotlib, which is not installed", "--out", "pip install 'closedsky[study]'")
        raise OutputError(fault) from error
    matplotlib.use("Agg")
    from matplotlib import pyplot

    return pyplot
