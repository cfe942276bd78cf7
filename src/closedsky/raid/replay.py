"""The replay of one trial of a shipped scenario's raid: tracks, shots and events."""

import math
from collections.abc import Iterator

from closedsky.catalogue.library import Catalogue
from closedsky.engine.layout import (
    EV_EXPENDED,
    EV_FAILED,
    EV_IMPACT,
    EV_INTERCEPT,
    EV_KILLED,
    EV_LAUNCHED,
    EV_MISSILE,
    EV_RELEASE,
    TICKS_PER_S,
    Floats,
    Records,
)
from closedsky.engine.pack import heading_deg, loads
from closedsky.engine.tables import sight
from closedsky.errors import Fault, RequestError
from closedsky.model.globe import Replay, ReplayAsset, ReplayEvent, ReplayShot, ReplayTrack, ReplayUnit
from closedsky.raid import run
from closedsky.raid.prepared import Prepared
from closedsky.raid.report import sentence
from closedsky.raid.why import why
from closedsky.scenario import load as scenarios

MOST_POSITIONS = 120
"""Approximate number of positions per track: the globe stalls on paths with many more."""
_ENDS = {EV_KILLED: "killed", EV_IMPACT: "impact", EV_FAILED: "failed", EV_RELEASE: "gone", EV_EXPENDED: "gone"}


def playback(example: str, variant: str | None = None, trial: int = 0, catalogue: Catalogue | None = None) -> Replay:
    """The replay of a trial of an example, as the engine records it. Raises RequestError if the example has no such variant or trial."""
    if example not in scenarios.examples():
        raise RequestError(Fault(f"'{example}' is no shipped example", "example", f"examples: {', '.join(scenarios.examples())}"))
    loaded = scenarios.load(example, catalogue)
    name = variant or next(iter(loaded.variants))
    scenarios.known_variants(loaded, [name])
    prepared, _, log = run.replay(loaded, trial, variant=name)
    scenario, ground = prepared.situation.scenario, prepared.terrain.ground
    paths = [sight.trace(prepared.packed, ground, f) for f in range(prepared.packed.raid.flights.size)]
    tracks = tuple(_tracks(prepared, log, paths))
    start_s = min((track.start_s for track in tracks), default=0.0)
    return Replay(
        scenario=loaded.name,
        title=scenario.title,
        summary=scenario.summary,
        variant=name,
        trial=trial,
        seed=loaded.reference.settings.seed,
        start_s=start_s,
        duration_s=max([*(track.end_s for track in tracks), *(log["tick"] / TICKS_PER_S)], default=start_s) - start_s,
        terrain_label=prepared.terrain.label(),
        units=tuple(_units(prepared)),
        assets=tuple(
            ReplayAsset(id=one.id, name=one.name or one.id, at=one.at, radius_m=one.radius_m) for one in scenario.assets
        ),
        tracks=tracks,
        shots=tuple(_shots(prepared, log, paths)),
        events=tuple(
            ReplayEvent(time_s=one.time_s, text=f"{one.threat} {sentence(one)}")
            for one in run.story(prepared, log)
            if one.event != "waits"
        ),
        shows_not=scenario.shows_not,
    )


def _units(prepared: Prepared) -> Iterator[ReplayUnit]:
    """Fire units with their brochure range against the threats of the raid, then sensors with their radar's range."""
    situation = prepared.situation
    coming = {situation.threats[group.threat].target_class for group in situation.scenario.raid}
    for item in situation.scenario.defence:
        system = situation.systems[item.system]
        reach = [best[1].range_max.si for kind in coming if (best := system.brochure(kind, loads(item, system)))]
        sector = system.engagement_radar.sector.value
        yield ReplayUnit(
            id=item.id, system=item.system, at=item.at, heading_deg=heading_deg(situation, item), sector_deg=sector,
            range_km=max(reach, default=0.0) / 1000.0,
        )  # fmt: skip
    for sensor in situation.scenario.sensors:
        radar = situation.systems[sensor.system].radars[sensor.radar]
        yield ReplayUnit(
            id=sensor.id, system=sensor.system, at=sensor.at, heading_deg=heading_deg(situation, sensor),
            sector_deg=radar.sector.value, range_km=radar.instrumented_range.si / 1000.0,
        )  # fmt: skip


def _tracks(prepared: Prepared, log: Records, paths: list[Floats]) -> Iterator[ReplayTrack]:
    """Every threat from its launch to its end, in steps of whole seconds; the last position is that of its end."""
    for threat, name in enumerate(prepared.names.threats):
        mine = log[log["threat"] == threat]
        flight = prepared.packed.raid.threats[threat]["flight"]
        begun = int(mine["tick"][mine["kind"] == EV_LAUNCHED][0])
        ended, end = next(((int(one["tick"]), _ENDS[one["kind"]]) for one in mine if one["kind"] in _ENDS), (begun, "gone"))
        lasts_s = (ended - begun) / TICKS_PER_S
        step_s = float(max(1, math.ceil(lasts_s / MOST_POSITIONS)))
        times = [i * step_s for i in range(math.ceil(lasts_s / step_s))] + [lasts_s]
        places = [_place(prepared, paths, int(flight), time_s) for time_s in times]
        group = prepared.situation.scenario.raid[int(flight)]
        yield ReplayTrack.model_validate({
            "threat": name, "kind": prepared.situation.threats[group.threat].target_class, "start_s": begun / TICKS_PER_S,
            "end_s": ended / TICKS_PER_S, "step_s": step_s, "end": end,
            "positions": tuple(value for place in places for value in place),
            "why": tuple(ReplayEvent(time_s=one.time_s, text=one.text) for one in why(prepared, log, name)),
        })  # fmt: skip


def _shots(prepared: Prepared, log: Records, paths: list[Floats]) -> Iterator[ReplayShot]:
    """Every missile from its launch to its intercept, whether it kills or not. Within a salvo, missiles arrive in launch order."""
    sites = {item.id: item.at for item in prepared.situation.scenario.defence}
    meetings: dict[tuple[int, int], list[Records]] = {}
    for one in log[log["kind"] == EV_INTERCEPT]:
        meetings.setdefault((int(one["threat"]), int(one["magazine"])), []).append(one)
    for one in log[log["kind"] == EV_MISSILE]:
        threat, magazine = int(one["threat"]), int(one["magazine"])
        met = meetings[threat, magazine].pop(0)
        launched = log["tick"][(log["kind"] == EV_LAUNCHED) & (log["threat"] == threat)][0]
        flight, unit = prepared.packed.raid.threats[threat]["flight"], prepared.names.units[one["unit"]]
        yield ReplayShot(
            unit=unit, threat=prepared.names.threats[threat], missile=prepared.names.magazines[magazine][1], rounds=1,
            start_s=float(one["tick"]) / TICKS_PER_S, end_s=float(met["tick"]) / TICKS_PER_S, origin=sites[unit],
            meeting=_place(prepared, paths, int(flight), (met["tick"] - launched) / TICKS_PER_S), kill=bool(met["value"]),
        )  # fmt: skip


def _place(prepared: Prepared, paths: list[Floats], flight: int, time_s: float) -> tuple[float, float, float]:
    """Latitude and longitude, degrees, and altitude, m, of a flight at a time after its launch."""
    lat, lon, altitude_m, *_ = sight.place(
        paths[flight], prepared.packed.environment.earth, prepared.packed.raid.flights[flight]["step_s"], time_s
    )
    return round(math.degrees(lat), 6), round(math.degrees(lon), 6), round(altitude_m, 1)
