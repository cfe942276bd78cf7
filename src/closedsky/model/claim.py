"""A public claim: the wording, its speaker, and the tests that it is interpreted as."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from closedsky.model.figure import Source
from closedsky.model.noun import Id, Noun
from closedsky.model.sky import Above

Measure = Literal["closed_share", "engageable_share", "tracked_share"]
"""Share of an area, at a level, that is closed, engageable or tracked."""


def _day(text: str) -> str:
    parts = text.split("-")
    try:
        date.fromisoformat("-".join([*parts, "01", "01"][:3]))
    except ValueError:
        raise ValueError(f"{text!r} is no date; write 2020-01-10, or 2020-01, or 2020, in quotes") from None
    return text


class ClaimTest(Noun):
    """A share that must reach a threshold: in a variant of a scenario, at one level. Fields not given are those of its `cover`."""

    scenario: Annotated[str, Field(min_length=1, max_length=4096)] = Field(
        description="a scenario file, its path relative to the claim's folder, or the name of a shipped example"
    )
    variant: Id | None = Field(default=None, description="by default the first")
    level_m: Annotated[float, Field(ge=-500.0, le=50_000.0)]
    above: Above = "ground"
    measure: Measure = "closed_share"
    opportunities: Annotated[int, Field(ge=1, le=20)] | None = None
    together: Annotated[int, Field(ge=1, le=64)] | None = None
    kind: Literal["aircraft", "cruise", "drone"] | None = None
    rcs_m2: Annotated[float, Field(gt=0.0, le=10_000.0)] | None = None
    speed_mps: Annotated[float, Field(gt=0.0, le=5_000.0)] | None = None
    at_least: Annotated[float, Field(gt=0.0, le=1.0)] = 0.95


class WhatIf(Noun):
    """One change, applied to every test, to see whether the verdict holds."""

    title: str
    variant: Id | None = None
    level_m: Annotated[float, Field(ge=-500.0, le=50_000.0)] | None = None
    above: Above | None = None
    measure: Measure | None = None
    opportunities: Annotated[int, Field(ge=1, le=20)] | None = None
    together: Annotated[int, Field(ge=1, le=64)] | None = None
    kind: Literal["aircraft", "cruise", "drone"] | None = None
    rcs_m2: Annotated[float, Field(gt=0.0, le=10_000.0)] | None = None
    speed_mps: Annotated[float, Field(gt=0.0, le=5_000.0)] | None = None
    at_least: Annotated[float, Field(gt=0.0, le=1.0)] | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.changes():
            raise ValueError("it changes nothing; give variant, level_m, rcs_m2 or another field of a test")
        return self

    def changes(self) -> dict[str, object]:
        """The fields of a test that it replaces."""
        return self.model_dump(exclude={"title"}, exclude_none=True)


class Claim(Noun):
    """A claim file."""

    closedsky: Literal[1] = Field(description="version of the format")
    id: Id
    said: Annotated[str, Field(min_length=1, description="the wording, as printed")]
    words: Literal["quotation", "translation", "paraphrase"] = Field(
        description="whose words these are: the speaker's, or a reporter's"
    )
    speaker: Annotated[str, Field(min_length=1)]
    role: str = ""
    date: Annotated[str, AfterValidator(_day), Field(description="when it was said, or printed")]
    grade: Literal["read", "cited", "unverified"] = Field(description="how well the statement is documented")
    source: tuple[Id, ...] = Field(min_length=1)
    note: str = Field(default="", description="what is known, and not known, about the speaker and the occasion")
    means: Annotated[str, Field(min_length=1, description="its interpretation, in testable words")]
    tests: tuple[ClaimTest, ...] = Field(min_length=1, max_length=40, description="the claim holds if all of them hold")
    what_if: tuple[WhatIf, ...] = Field(default=(), max_length=40)
    shows_not: tuple[str, ...] = ()
    sources: dict[Id, Source] = Field(default={}, description="sources that are not in the catalogue's bibliography")
