"""The figure of a closed sky: what stands on it, read from the figure, and that nothing stands on anything else."""

import itertools
import sys

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.image import imread
from matplotlib.text import Text

from closedsky.coverage.figure import SkyView, draw_sky, sky_figure
from closedsky.coverage.figure_sheet import land_mask, share, sheet, tints
from closedsky.errors import OutputError
from closedsky.geo.area import Area, country_area
from closedsky.geo.cells import cells, circle, inside, project

HEIGHTS = ("at 10 km", "at 3 km", "at 1 km", "at 300 m", "at 100 m")
CITIES = [
    ("Tehran", 35.7, 51.4), ("Isfahan", 32.6, 51.7), ("Shiraz", 29.6, 52.5), ("Mashhad", 36.3, 59.6), ("Tabriz", 38.1, 46.3),
    ("Ahvaz", 31.3, 48.7), ("Bandar Abbas", 27.2, 56.3), ("Bushehr", 28.9, 50.8), ("Kermanshah", 34.3, 47.1), ("Kerman", 30.3, 57.1),
    ("Qom", 34.6, 50.9), ("Kashan", 34.0, 51.4), ("Natanz", 33.5, 51.9), ("Karaj", 35.8, 51.0), ("Semnan", 35.6, 53.4),
    ("Arak", 34.1, 49.7), ("Hamadan", 34.8, 48.5), ("Rasht", 37.3, 49.6), ("Yazd", 31.9, 54.4), ("Zahedan", 29.5, 60.9),
]  # fmt: skip


@pytest.fixture(autouse=True)
def _few_pixels(monkeypatch):
    """What is asked here does not hang on how fine the map is."""
    monkeypatch.setattr("closedsky.coverage.figure_sheet.PIXELS", 500)


def view(units, *, iso3="IRN", cell_m=5000.0, **other):
    area = country_area(iso3) if iso3 else None
    grid = cells([area] if area else [], [(lat, lon, 250e3) for _, lat, lon in units], cell_m)
    x, y = project(grid.crs, grid.lat_deg, grid.lon_deg)
    closed = []
    for k, label in enumerate(HEIGHTS):
        mask = np.zeros(grid.shape, dtype=bool)
        for _, lat, lon in units:
            at = project(grid.crs, lat, lon)
            mask |= np.hypot(x - at[0], y - at[1]) < 200e3 / (k + 1)
        closed.append((label, mask))
    told = {
        "title": "How much of the sky is closed", "subtitle": "1 m² at 250 m/s, worst of 8 headings, 1 opportunity", "cells": grid,
        "relief": 1000.0 + 500.0 * np.sin(x / 50e3) * np.cos(y / 70e3), "closed": closed, "area": area, "units": units,
        "circles": [(lat, lon, 240e3) for _, lat, lon in units], "terrain_label": "world, 9.3 km posting: upper bound, 9 km terrain",
        "rows": [("at 10 km", "41.5 %"), ("at 100 m", "0.7 %"), ("volume closed, to 30 km", "1.2 million km³")],
        "notes": ["Sites are given, not found."], "sources": ["Natural Earth", "ETOPO5"],
    }  # fmt: skip
    return SkyView(**(told | other))


def texts(figure):
    return [text for text in figure.findobj(Text) if text.get_text() and text.get_visible()]


def words(figure):
    return {text.get_text() for text in texts(figure)}


def boxes(figure, wanted):
    """Where texts stand, as matplotlib itself has it."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    return {text.get_text(): text.get_window_extent(renderer) for text in texts(figure) if wanted(text.get_text())}


@pytest.mark.parametrize("count", [0, 1, 2, 20])
def test_all_that_a_reader_needs_is_there(count):
    said = words(sky_figure(view(CITIES[:count])))
    wanted = {
        "How much of the sky is closed", "1 m² at 250 m/s, worst of 8 headings, 1 opportunity", "Sky closed", "share of Iran",
        *HEIGHTS, "41.5 %", "0.7 %", "volume closed, to 30 km", "1.2 million km³", "Terrain", "Iran", "N",
        "Sites are given, not found.", "Natural Earth", "ETOPO5",
    }  # fmt: skip
    assert wanted <= said
    assert any("upper" in one for one in said)
    assert any(one.endswith(" km") and one.split()[0].isdigit() for one in said - set(HEIGHTS))  # the scale
    assert ("brochure circle, against aircraft" in said) == (count > 0)
    assert {"TURKMENISTAN", "SAUDI ARABIA"} <= {one.replace("  ", "_").replace(" ", "").replace("_", " ") for one in said}


@pytest.mark.parametrize("count", [2, 20])
def test_every_unit_has_its_name_and_no_name_stands_on_another(count):
    figure = sky_figure(view(CITIES[:count]))
    names = {name for name, _, _ in CITIES[:count]}
    assert names <= words(figure)
    spaced = boxes(figure, lambda text: text in names or (text.isupper() and len(text) > 3))
    for (one, box), (other, beside) in itertools.combinations(spaced.items(), 2):
        assert not box.overlaps(beside), f"{one} stands on {other}"


@pytest.mark.parametrize("iso3", ["IRN", "NOR", "KWT", "USA"])
def test_nothing_runs_out_of_the_page(iso3):
    unit = {"IRN": CITIES[0], "NOR": ("Oslo", 59.9, 10.7), "KWT": ("Kuwait", 29.3, 47.9), "USA": ("Omaha", 41.0, -96.0)}[iso3]
    rows = [
        ("a figure of which there is a good deal to say", "from 0.8 to 1.9 million km³, likely 1.2"),
        ("at 3 km", "12 % (8 to 15)"),
    ]
    figure = sky_figure(view([unit], iso3=iso3, cell_m=20e3 if iso3 == "USA" else 3000.0, rows=rows))
    page = figure.bbox
    for text, box in boxes(figure, lambda _: True).items():
        assert box.x0 >= 0, text
        assert box.x1 <= page.width, text
        assert box.y0 >= 0, text
        assert box.y1 <= page.height, text


def test_names_for_which_there_is_no_room_are_counted():
    crowd = [(f"a unit with a long name, no. {k}", 35.0 + 0.01 * k, 51.0) for k in range(12)]
    said = words(sky_figure(view(crowd)))
    shown = sum(name in said for name, _, _ in crowd)
    assert 0 < shown < 12
    assert f"{12 - shown} of 12 units stand without a name, for want of room" in said


def test_a_name_is_no_formula():
    figure = sky_figure(view([("$2m", 35.7, 51.4), ("$\\frac", 30.0, 51.4)], title="at $5 and $6", area=None))
    figure.canvas.draw()
    assert {"$2m", "$\\frac", "at $5 and $6"} <= words(figure)


@pytest.mark.parametrize("ending", ["png", "pdf", "svg"])
def test_a_file_appears(tmp_path, ending):
    draw_sky(tmp_path / f"sky.{ending}", view(CITIES[:2], cell_m=20e3))
    assert (tmp_path / f"sky.{ending}").stat().st_size > 20_000
    if ending == "png":
        high, wide = imread(tmp_path / "sky.png").shape[:2]
        assert 1590 <= wide <= 1630
        assert 0.5 <= high / wide <= 1.1


def test_a_picture_that_cannot_be_written(tmp_path):
    for name in ("none/sky.png", "sky.doc"):
        with pytest.raises(OutputError, match="picture cannot be written"):
            draw_sky(tmp_path / name, view([], cell_m=50e3))
    assert list(tmp_path.iterdir()) == []


def test_matplotlib_is_named_where_it_is_missing(tmp_path, monkeypatch):
    for module in ("matplotlib.figure", "matplotlib.backends.backend_agg"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(OutputError, match=r"need matplotlib(.|\n)*closedsky\[study\]"):
        draw_sky(tmp_path / "sky.png", view([], cell_m=50e3))


# Colours


def lightness(colour):
    """CIE L* of sRGB (IEC 61966-2-1, CIE 15), 0 to 100."""
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour)
    return 116.0 * (0.2126 * red + 0.7152 * green + 0.0722 * blue) ** (1.0 / 3.0) - 16.0


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 6])
def test_heights_are_told_apart_by_lightness_alone(count):
    """So by readers who see no colours, and on a page printed in grey. 2.3 units are just noticed side by side (Mahy and others 1994);
    four times that lets a colour be found in the key again."""
    light = [lightness(tint) for tint in tints(count)]
    assert all(a - b >= 9.2 for a, b in itertools.pairwise(light))


# What is painted


@pytest.mark.parametrize("cell_m", [700.0, 1000.0, 4000.0, 20e3])
def test_pixels_cover_what_the_cells_do(cell_m):
    """A disc of 200 km, whatever the cells: pixels and cells part on an edge of 1,257 km by half a cell or pixel at the very most."""
    grid = cells([], [(33.0, 44.0, 300e3)], cell_m)
    x, y = project(grid.crs, grid.lat_deg, grid.lon_deg)
    at = project(grid.crs, 33.0, 44.0)
    mask = np.hypot(x - at[0], y - at[1]) < 200e3
    page = sheet(grid)
    covered = share(page, grid, mask).sum() * page.step_m**2
    assert covered == pytest.approx(np.count_nonzero(mask) * cell_m**2, rel=2.0 * 0.25 * max(cell_m, page.step_m) / 200e3)


def test_land_and_sea():
    grid = cells([country_area("KWT")], [(29.3, 48.0, 300e3)], 2000.0)
    page = sheet(grid)
    found = land_mask(page)
    places = {"Kuwait": (29.2, 47.7), "Baghdad road": (30.5, 46.5), "Gulf": (28.6, 49.5), "Dhahran road": (27.5, 48.2)}
    for name, (lat, lon) in places.items():
        x, y = project(page.crs, lat, lon)
        at = int((page.top - y) / page.step_m), int((x - page.left) / page.step_m)
        assert found[at] == (name != "Gulf"), name


def test_land_at_the_other_end_of_the_earth_is_not_near():
    """Mali lies around the antipode of Fiji, and its outline around all of the plane."""
    grid = cells([country_area("FJI")], [], 5000.0)
    assert land_mask(sheet(grid)).mean() < 0.1


def test_a_circle_lies_on_the_map():
    area = Area("ring", "", ((circle(33.0, 44.0, 100e3),),), "")
    grid = cells([area], [], 1000.0)
    assert np.count_nonzero(inside(grid, area)) == pytest.approx(np.pi * 100.0**2, rel=2e-3)
