"""Summaries of systems, threats, countries, scenarios and claims, for the globe's menus."""

from collections.abc import Iterable, Iterator

from closedsky.catalogue.figures import figures, uncertain
from closedsky.catalogue.library import Catalogue
from closedsky.claims import ledger
from closedsky.geo.land import land
from closedsky.geo.terrain import world
from closedsky.model.globe import (
    About,
    ClaimSummary,
    CountrySummary,
    ExampleSummary,
    MapRequest,
    SystemSummary,
    TerrainSummary,
    ThreatSummary,
    UnitAt,
)
from closedsky.model.system import TARGET_CLASSES, System
from closedsky.model.threat import Threat
from closedsky.scenario.load import examples, load

START = MapRequest(units=(UnitAt(id="s-400-1", system="s-400", at=(33.3, 44.4)),), country="IRQ")
"""The globe's start view: a fire unit of the S-400 at Baghdad, as in the article."""


def about(catalogue: Catalogue, terrains: Iterable[str], version: str) -> About:
    """Everything that the globe offers for choice."""
    ground = {"world": world().label(), "flat": "flat ground at sea level: no hills"}
    return About(
        version=version,
        catalogue_hash=catalogue.hash,
        systems=tuple(system_summary(catalogue.system(name)) for name in catalogue.systems),
        threats=tuple(threat_summary(catalogue.threat(name)) for name in catalogue.threats),
        countries=tuple(country_summaries()),
        examples=tuple(example_summaries(catalogue)),
        claims=tuple(claim_summary(entry, catalogue) for entry in ledger.ledger().values()),
        terrains=tuple(TerrainSummary(id=name, label=ground.get(name, name)) for name in terrains),
        credits=(land().attribution, f"Relief: {world().source}"),
        start=START,
    )


def system_summary(system: System) -> SystemSummary:
    """A system with the published ranges of the missiles that it is loaded with."""
    against = {kind: best[1] for kind in TARGET_CLASSES if (best := system.brochure(kind))}
    air, ballistic = against.get("aircraft"), against.get("ballistic")
    every = figures(system)
    return SystemSummary(
        id=system.id,
        name=system.name,
        platform=system.platform,
        sector_deg=system.engagement_radar.sector.value,
        range_km=air.range_max.si / 1000.0 if air else None,
        ceiling_km=air.altitude_max.si / 1000.0 if air else None,
        ballistic_km=ballistic.range_max.si / 1000.0 if ballistic else None,
        targets=tuple(against),
        assumed=len(uncertain(every)),
        figures=len(every),
    )


def threat_summary(threat: Threat) -> ThreatSummary:
    """A threat with its nose-on radar cross-section, speed and range."""
    return ThreatSummary(
        id=threat.id,
        name=threat.name,
        kind=threat.target_class,
        rcs_m2=threat.signature.nose.si,
        speed_mps=threat.speed.si if threat.speed is not None else None,
        range_km=threat.range_max.si / 1000.0,
    )


def country_summaries() -> Iterator[CountrySummary]:
    """Countries with an ISO 3166 code, sorted by name."""
    for country in sorted(land().countries, key=lambda one: one.name):
        if country.iso3:
            west, south, east, north = country.bounds
            east = east if east > west else east + 360.0
            yield CountrySummary(iso3=country.iso3, name=country.name, west=west, south=south, east=east, north=north)


def example_summaries(catalogue: Catalogue) -> Iterator[ExampleSummary]:
    """The shipped scenarios."""
    for name in examples():
        loaded = load(name, catalogue)
        first = loaded.reference
        yield ExampleSummary(
            name=name,
            title=first.title,
            summary=first.summary,
            variants=tuple(loaded.variants),
            has_raid=bool(first.raid),
            has_cover=first.cover is not None,
        )


def claim_summary(entry: ledger.Entry, catalogue: Catalogue) -> ClaimSummary:
    """A claim of the ledger, with the scenarios that test it."""
    told = entry.claim
    tested = dict.fromkeys((test.scenario, test.variant) for test in told.tests)
    sources = ledger.sources_of(entry, catalogue).values()
    return ClaimSummary(
        id=told.id,
        said=told.said,
        words=told.words,
        speaker=told.speaker,
        date=told.date,
        grade=told.grade,
        means=told.means,
        shows_not=told.shows_not,
        sources=tuple(", ".join(str(part) for part in (one.title, one.publisher, one.year) if part) for one in sources),
        scenarios=tuple((name, variant or next(iter(load(name, catalogue).variants))) for name, variant in tested),
    )
