"""The coverage figure for print: map, title, target, key with the shares, and sources."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from closedsky.coverage.figure_map import DASHED, INK, SOFT, UNIT, SkyView, draw_map
from closedsky.coverage.figure_sheet import sheet, tints
from closedsky.errors import Fault, OutputError

__all__ = ["SkyView", "draw_sky", "sky_figure"]

DPI: Final = 150
WIDE_IN, HIGH_IN = 7.55, 8.2
"""Greatest width and height of the map, inches."""
KEY_IN, EDGE_IN, SIGN_IN = 2.6, 0.2, 0.44
WARN: Final = "#9c3d00"
POINTS_PER_INCH: Final = 72.0


def draw_sky(path: Path, view: SkyView) -> None:
    """Draw a view to a PNG, PDF or SVG file, by its suffix. OutputError if it cannot be written."""
    figure = sky_figure(view)
    try:
        figure.savefig(path, dpi=DPI)
    except (OSError, ValueError) as error:
        path.unlink(missing_ok=True)
        raise OutputError(
            Fault(f"the picture cannot be written ({error})", str(path), "name a .png in a folder of yours")
        ) from error


def sky_figure(view: SkyView) -> Any:
    """The figure: title and target at the top, the map with its key to the right, sources at the bottom."""
    page = sheet(view.cells)
    rows, cols = page.shape
    scale = min(WIDE_IN / cols, HIGH_IN / rows)
    wide, high = scale * cols, scale * rows
    paper = Paper(3 * EDGE_IN + wide + KEY_IN)
    whole = paper.wide - 2 * EDGE_IN
    y = paper.block(EDGE_IN, 0.02 + EDGE_IN, whole, view.title, 15, fontweight="bold")
    top = paper.block(EDGE_IN, y + 0.03, whole, view.subtitle, 10, color=SOFT) + 0.12
    bottom = max(top + high, _key(paper, view, 2 * EDGE_IN + wide, top)) + 0.2
    for one in view.sources:
        bottom = paper.block(EDGE_IN, bottom, whole, one, 6.5, color=SOFT) + 0.02
    paper.cut(bottom + 0.6 * EDGE_IN)
    axes = paper.axes(EDGE_IN, top, wide, high)
    draw_map(axes, page, view)
    return paper.figure


class Paper:
    """A figure with positions in inches from its upper left corner; `cut` sets its height."""

    def __init__(self, wide_in: float) -> None:
        try:
            from matplotlib.backends.backend_agg import FigureCanvasAgg
            from matplotlib.figure import Figure
            from matplotlib.textpath import TextToPath
        except ImportError as error:
            raise OutputError(
                Fault("pictures need matplotlib, which is not installed", "--out", "pip install 'closedsky[study]'")
            ) from error
        self.wide = wide_in
        self.figure: Any = Figure(figsize=(wide_in, 1.0), dpi=DPI, facecolor="white")
        FigureCanvasAgg(self.figure)
        self.all: Any = self.figure.add_axes((0, 0, 1, 1))
        self.all.set(xlim=(0, wide_in), ylim=(1.0, 0.0))
        self.all.axis("off")
        self._measure = TextToPath().get_text_width_height_descent

    def cut(self, high_in: float) -> None:
        self.figure.set_size_inches(self.wide, high_in)
        self.all.set_ylim(high_in, 0.0)

    def axes(self, left: float, top: float, wide: float, high: float) -> Any:
        """Axes for the map, with a thin frame. Call after `cut`."""
        whole = self.figure.get_figheight()
        axes = self.figure.add_axes((left / self.wide, 1.0 - (top + high) / whole, wide / self.wide, high / whole))
        axes.spines[:].set(color=SOFT, linewidth=0.6)
        return axes

    def text(self, x: float, y: float, words: str, **style: Any) -> None:
        """One line; y is its baseline."""
        self.all.text(x, y, words, **{"color": INK, "parse_math": False, **style})

    def block(self, x: float, y: float, wide: float, words: str, size: float, **style: Any) -> float:
        """Text wrapped to a width, from y downward; returns where it ends."""
        step = 1.3 * size / POINTS_PER_INCH
        folded = self.folded(words, wide, size, style.get("fontweight", "normal"))
        for k, line in enumerate(folded):
            self.text(x, y + (k + 0.8) * step, line, fontsize=size, **style)
        return y + step * len(folded)

    def folded(self, words: str, wide: float, size: float, weight: str = "normal") -> list[str]:
        """Lines no wider than `wide` inches; a word wider than that has a line of its own."""
        done: list[str] = []
        line = ""
        for word in words.split():
            longer = f"{line} {word}".strip()
            if line and self.width(longer, size, weight) > wide:
                done.append(line)
                longer = word
            line = longer
        return [*done, line] if line else done

    def width(self, words: str, size: float, weight: str = "normal") -> float:
        """Width of a line, inches, with a small allowance because glyphs are placed at whole pixels."""
        from matplotlib.font_manager import FontProperties

        return 1.03 * float(self._measure(words, FontProperties(size=size, weight=weight), ismath=False)[0]) / POINTS_PER_INCH


def _key(paper: Paper, view: SkyView, left: float, top: float) -> float:
    """The key: colours with shares, other figures, signs, terrain and notes; returns where it ends."""
    shown = {label for label, _ in view.closed}
    y = _shares(paper, view, left, top) if view.closed else top
    for label, value in ((label, value) for label, value in view.rows if label not in shown):
        y = _pair(paper, left, y, KEY_IN, label, value, 8) + 0.03
    y = _signs(paper, view, left, y + 0.12)
    y = _headed(paper, left, y + 0.1, "Terrain", [view.terrain_label], WARN if "upper bound" in view.terrain_label else INK)
    return _headed(paper, left, y + 0.1, "To be read with it", view.notes, INK) if view.notes else y


def _shares(paper: Paper, view: SkyView, left: float, top: float) -> float:
    """One swatch per height, with the share closed."""
    from matplotlib.patches import Rectangle

    of_area = f"share of {shortened(view.area.name, 40)}" if view.area is not None else ""
    y = _pair(paper, left, top, KEY_IN, "Sky closed", of_area, 9.5, {"fontweight": "bold"}, {"color": SOFT, "fontsize": 8}) + 0.05
    values = dict(view.rows)
    for (label, _), tint in zip(view.closed, tints(len(view.closed)), strict=True):
        edge = tuple(0.55 * part for part in tint)
        paper.all.add_patch(Rectangle((left, y + 0.01), 0.34, 0.16, facecolor=tint, edgecolor=edge, linewidth=0.6))
        y = _pair(paper, left + SIGN_IN, y, KEY_IN - SIGN_IN, label, values.get(label, ""), 9) + 0.06
    if len(view.closed) > 1:
        y = paper.block(left + SIGN_IN, y - 0.03, KEY_IN - SIGN_IN, "the darker, the lower it is closed", 7, color=SOFT)
    return y + 0.08


def _pair(
    paper: Paper, x: float, y: float, wide: float, label: str, value: str, size: float,
    label_style: Mapping[str, Any] = MappingProxyType({}), value_style: Mapping[str, Any] = MappingProxyType({"fontweight": "bold"}),
) -> float:  # fmt: skip
    """A label with its value, right-aligned: on the same line if it fits, else below."""
    for_value = paper.width(value, value_style.get("fontsize", size), value_style.get("fontweight", "normal")) + 0.1
    beside = wide - for_value > min(0.35 * wide, paper.width(label, size, label_style.get("fontweight", "normal")))
    end = paper.block(x, y, wide - for_value if beside else wide, label, size, **label_style)
    step = 1.3 * size / POINTS_PER_INCH
    baseline = (y if beside else end) + 0.8 * step
    paper.text(x + wide, baseline, value, **{"fontsize": size, "ha": "right", **value_style})
    return end if beside else end + step


def _signs(paper: Paper, view: SkyView, left: float, y: float) -> float:
    """The legend of marks and lines."""
    signs: list[tuple[str, dict[str, Any]]] = []
    if view.units:
        mark = {"marker": "^", "markersize": 8, "color": UNIT, "markeredgecolor": "white", "linestyle": "none"}
        signs.append(("fire unit" if len(view.units) == 1 else f"fire units, {len(view.units)}", mark))
    if view.circles:
        signs.append(("brochure circle, against aircraft", {"color": INK, "linewidth": 0.9, "linestyle": DASHED}))
    if view.area is not None:
        signs.append((shortened(view.area.name, 80), {"color": INK, "linewidth": 1.3}))
    for words, style in signs:
        x = [left + 0.17] if "marker" in style else [left, left + 0.34]
        paper.all.plot(x, [y + 0.08] * len(x), **style)
        y = paper.block(left + SIGN_IN, y, KEY_IN - SIGN_IN, words, 8) + 0.06
    return y


def _headed(paper: Paper, left: float, y: float, heading: str, told: Sequence[str], colour: str) -> float:
    y = paper.block(left, y, KEY_IN, heading, 8.5, fontweight="bold")
    for one in told:
        y = paper.block(left, y + 0.02, KEY_IN, one, 7.5, color=colour)
    return y


def shortened(words: str, most: int) -> str:
    """A text of at most `most` characters."""
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"
