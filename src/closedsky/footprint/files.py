"""A defended footprint as files: the answer (JSON), the defended areas (GeoJSON) and a figure (PNG)."""

from pathlib import Path

from closedsky.footprint.answer import Footprints
from closedsky.footprint.figure import draw_footprint
from closedsky.footprint.report import Maps, footprint_geojson
from closedsky.output import output_folder


def write(target: Path, made: Footprints, *, force: bool = False) -> list[str]:
    """Write a defended footprint to a folder: the answer, the defended areas, a figure. Returns the file names."""
    maps: Maps = {key: (one.along_m, one.right_m, one.counts) for key, one in made.surveys.items()}
    with output_folder(target, force) as folder:
        (folder / "footprint.json").write_text(made.answer.model_dump_json(indent=1) + "\n", encoding="utf-8")
        (folder / "footprint.geojson").write_text(footprint_geojson(made.answer, maps), encoding="utf-8")
        sources = f"closedsky; figures: see 'closedsky systems {made.answer.unit.system}'. Ground: {made.terrain.source}."
        draw_footprint(folder / "footprint.png", made.answer, maps, sources)
        return sorted(file.name for file in folder.iterdir())
