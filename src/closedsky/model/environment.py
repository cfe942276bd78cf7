"""The environment of a scenario: Earth, air and ground."""

import difflib
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from closedsky.model.noun import Noun
from closedsky.model.ranged import OR_RANGE

FilePath = Annotated[str, Field(min_length=1, max_length=4096)]


class _OneTerrain(Noun):
    @model_validator(mode="before")
    @classmethod
    def _one_kind(cls, data: Any) -> Any:
        kinds = [kind for kind in ("flat", "file", "tiles") if isinstance(data, dict) and kind in data]
        if len(kinds) > 1:
            raise ValueError(
                f"{' and '.join(kinds)} are two grounds; keep one (a variant drops the other with `{kinds[0]}: null`)"
            )
        return data


class FlatTerrain(_OneTerrain):
    """Level ground at one altitude."""

    flat: float = Field(ge=-500.0, le=9000.0, description="altitude of the ground, m above mean sea level")


class FileTerrain(_OneTerrain):
    """Terrain from raster files of any kind that GDAL reads; of several, the first has priority."""

    file: FilePath | Annotated[tuple[FilePath, ...], Field(min_length=1, max_length=10_000)] = Field(
        description="path, or paths, relative to the scenario's folder"
    )
    vertical: Literal["sea", "ellipsoid"] | None = Field(
        default=None, description="vertical datum, if the file's is missing or wrong"
    )


class TileTerrain(_OneTerrain):
    """Terrain from tiles of the Copernicus elevation model, fetched beforehand: `closedsky terrain fetch`."""

    tiles: Literal["glo90", "glo30"]


def _kind_of_terrain(value: Any) -> str:
    """Which kind of terrain is meant: by its key, or by the most similar one."""
    if isinstance(value, Noun):
        return type(value).__name__
    if not isinstance(value, dict):
        return "word"
    kinds = {"file": "FileTerrain", "flat": "FlatTerrain", "tiles": "TileTerrain"}
    meant = [key for key in kinds if key in value]
    meant += [close for key in value for close in difflib.get_close_matches(str(key), kinds, n=1)]
    return kinds[meant[0]] if meant else "FileTerrain"


Ground = Annotated[
    Annotated[Literal["world", "flat"], Tag("word")]
    | Annotated[FlatTerrain, Tag("FlatTerrain")]
    | Annotated[FileTerrain, Tag("FileTerrain")]
    | Annotated[TileTerrain, Tag("TileTerrain")],
    Discriminator(_kind_of_terrain),
]
"""The terrain: a word, or a mapping distinguished by its only key."""

Switch = Literal["on", "off"]


class Earth(Noun):
    """Shape of the Earth, and whether it rotates under ballistic flight."""

    shape: Literal["wgs84", "sphere"] = "wgs84"
    rotation: Switch = "on"


class Lobing(Noun):
    """Reflection of the radar beam by level ground or sea."""

    roughness_m: Annotated[float, Field(ge=0.0, le=100.0), OR_RANGE] = Field(
        description="standard deviation of the height of the surface"
    )


class Environment(Noun):
    """Earth, atmosphere and terrain."""

    terrain: Ground = "world"
    earth: Earth = Earth()
    refraction_k: Annotated[float, Field(gt=0.5, le=10.0), OR_RANGE] = Field(
        default=4.0 / 3.0, description="effective Earth radius factor"
    )
    gas: Switch = Field(default="on", description="gas loss of radar waves, ITU-R P.676")
    vapour_g_m3: Annotated[float, Field(ge=0.0, le=50.0), OR_RANGE] = Field(default=7.5, description="water vapour at the ground")
    clutter: Literal["off", "likely", "high"] = Field(
        default="likely", description="which value of a radar's clutter loss applies"
    )
    lobing: Lobing | None = Field(default=None, description="two-ray lobing; only over sea or level ground")
    drag: Switch = Field(default="on", description="drag of ballistic threats whose ballistic coefficient is known")
