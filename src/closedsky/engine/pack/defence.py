"""The defence as arrays: radars, fire units, and magazines with their envelopes and fly-out tables."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from closedsky.engine.layout import (
    DOCTRINE,
    ENVELOPE,
    LONG_AGO,
    MAGAZINE,
    NO_LIMIT,
    RADAR,
    SITE,
    TICKS_PER_S,
    UNIT,
    Earth,
    Floats,
    Records,
)
from closedsky.engine.pack.rows import Row, by_class, ground_m, key_of, records
from closedsky.engine.pack.sites import heading_deg
from closedsky.model.command import Readiness, WeaponsControl
from closedsky.model.figure import Figure
from closedsky.model.scenario import Deployment, Scenario, Sensor, Settings
from closedsky.model.system import TARGET_CLASSES, Doctrine, Envelope, Missile, Radar, System, TargetClass
from closedsky.physics.constants import LIGHT_SPEED_MPS
from closedsky.physics.flyout import air_column, fly_out_table, thrust_for
from closedsky.physics.geodesy import ecef
from closedsky.physics.ground import Ground
from closedsky.physics.radar import snr_by_parameters, snr_for_look, threshold
from closedsky.scenario.situation import Situation

_REFERENCE_RANGE_M = 100_000.0
_FLY_OUT_SHAPE = (2, 40, 20)  # mean speed and speed at the end, slant ranges, elevations


# ---------------------------------------------------------------- sites


def sites(scenario: Scenario, networks: list[str]) -> Records:
    """One row per deployment, then one per separate sensor."""
    items: list[Deployment | Sensor] = [*scenario.defence, *scenario.sensors]
    return records(SITE, [
        {"key": key_of(item.id), "network": networks.index(item.network), "probability": item.readiness.probability,
         "from_ticks": LONG_AGO if item.readiness.from_s is None else round(item.readiness.from_s * TICKS_PER_S),
         "silent": int(item.readiness.silent), "come_up_ticks": round(item.readiness.come_up_s * TICKS_PER_S)}
        for item in items
    ])  # fmt: skip


def _varies(readiness: Readiness) -> bool:
    return readiness.probability < 1.0 or readiness.from_s is not None or readiness.silent


# ---------------------------------------------------------------- radars


@dataclass(frozen=True)
class RadarSet:
    """The sited radars of the defence: rows, names, and the catalogue's radar of each row."""

    rows: Records
    names: list[str]
    kinds: list[Radar]


def radars(situation: Situation, ground: Ground, earth: Earth, networks: list[str]) -> RadarSet:
    """One row per radar: those of the fire units and their packages, then the separate sensors."""
    rows, names, kinds = [], [], []
    for site, item, name, radar in _stations(situation):
        what = {
            "key": key_of(name),
            "site": site,
            "network": networks.index(item.network),
            "varies": int(_varies(item.readiness)),
        }
        rows.append(what | _radar(situation, ground, earth, item, radar))
        names.append(name)
        kinds.append(radar)
    return RadarSet(records(RADAR, rows), names, kinds)


def _stations(situation: Situation) -> Iterator[tuple[int, Deployment | Sensor, str, Radar]]:
    """Every radar with its site, which stands in `sites`, and its name."""
    units = situation.scenario.defence
    for site, item in enumerate(units):
        system = situation.systems[item.system]
        for name in (system.fire_unit.engagement_radar, *(system.package.sensors if item.sensors else ())):
            yield site, item, f"{item.id}/{name}", system.radars[name]
    for site, sensor in enumerate(situation.scenario.sensors, len(units)):
        yield site, sensor, sensor.id, situation.systems[sensor.system].radars[sensor.radar]


def _radar(situation: Situation, ground: Ground, earth: Earth, item: Deployment | Sensor, radar: Radar) -> Row:
    lat, lon = (math.radians(x) for x in item.at)
    height_m = radar.antenna_height.si if item.antenna_height_m is None else item.antenna_height_m
    stands_m = ground_m(ground, lat, lon)
    if item.ground_altitude_m is not None:
        stands_m = max(stands_m, item.ground_altitude_m)
    altitude_m = stands_m + height_m
    x, y, z = ecef(lat, lon, altitude_m, earth.axis_m, earth.e2)
    return {
        "searches": int(radar.role != "engagement"),
        "lat_rad": lat, "lon_rad": lon, "antenna_alt_m": altitude_m, "x_m": x, "y_m": y, "z_m": z,
        "heading_rad": math.radians(heading_deg(situation, item)), "half_sector_rad": radar.sector.si / 2.0,
        "range_min_m": radar.range_min.si, "range_max_m": radar.instrumented_range.si,
        "elevation_min_rad": radar.elevation_min.si, "elevation_max_rad": radar.elevation_max.si,
        "wavelength_m": LIGHT_SPEED_MPS / radar.frequency.si if radar.frequency else 0.0,
        **_strength(radar), **_clutter(situation.scenario.environment.clutter, radar),
        "radial_speed_min_mps": radar.radial_speed_min.si if radar.radial_speed_min else 0.0,
        "beamwidth_rad": radar.receiver.beamwidth.si if radar.receiver else 0.0,
        "side_lobe": ratio(-radar.receiver.side_lobes.si) if radar.receiver else 0.0,
        "gas": -1, "anchor_gas_db": 0.0, "first_jam": 0, "jams": 0,  # set by `air`
        "horizon": 0, "azimuths": 0, "ranges": 0, "horizon_step_rad": 0.0,  # set by `horizons`
        "hits": radar.confirm.hits, "looks": radar.confirm.looks, "revisit_s": radar.revisit.si,
        "dwell_s": radar.dwell.si if radar.dwell else 0.0,
    }  # fmt: skip


def _strength(radar: Radar) -> Row:
    """The anchor of a radar, for one pulse: published, or computed from its parameters by the radar equation."""
    pulses = int(radar.pulses.si) if radar.pulses else 1
    anchor, equation = radar.detection, radar.equation
    if anchor is not None:
        pfa = anchor.pfa.si
        snr = snr_for_look(anchor.swerling, anchor.pd.si, pfa, pulses)
        range_m, rcs_m2 = anchor.range.si, anchor.rcs.si
    else:
        assert equation is not None
        assert radar.frequency is not None
        pfa, range_m, rcs_m2 = equation.pfa.si, _REFERENCE_RANGE_M, 1.0
        snr = snr_by_parameters(
            equation.peak_power.si, equation.pulse.si, ratio(equation.gain.si), LIGHT_SPEED_MPS / radar.frequency.si,
            rcs_m2, range_m, equation.noise_temperature.si, ratio(equation.loss.si),
        )  # fmt: skip
    return {"anchor_snr": snr, "anchor_range_m": range_m, "anchor_rcs_m2": rcs_m2, "pfa": pfa, "pulses": pulses,
            "threshold": threshold(pfa, pulses)}  # fmt: skip


def _clutter(which: str, radar: Radar) -> Row:
    if radar.clutter is None or which == "off":
        return {"clutter_loss": 1.0, "clutter_height_m": 0.0, "clutter_speed_mps": 0.0}
    loss_db = radar.clutter.loss.high_si if which == "high" else radar.clutter.loss.si
    return {"clutter_loss": ratio(loss_db), "clutter_height_m": radar.clutter.height.si,
            "clutter_speed_mps": radar.clutter.radial_speed.si}  # fmt: skip


def ratio(level_db: float) -> float:
    """A level in dB as a ratio of powers."""
    return float(10.0 ** (level_db / 10.0))


# ---------------------------------------------------------------- fire units


def units(situation: Situation, networks: list[str], radar_names: list[str]) -> tuple[Records, Records]:
    """One row per fire unit, and its doctrine against each target class."""
    rows: list[Row] = []
    doctrine: list[list[Row]] = []
    for site, item in enumerate(situation.scenario.defence):
        unit = situation.systems[item.system].fire_unit
        radar = situation.systems[item.system].engagement_radar
        orders = [item.doctrine.get(c) or unit.doctrine.get(c) for c in TARGET_CLASSES]
        most_salvo = max((order.salvo for order in orders if order), default=1)
        rows.append({
            "network": networks.index(item.network), "radar": radar_names.index(f"{item.id}/{unit.engagement_radar}"),
            "site": site,
            "channels": int(unit.channels.si), "missiles_guided": int(unit.missiles_guided.si),
            "reaction_ticks": round(unit.reaction.si * TICKS_PER_S),
            "launch_interval_ticks": round(unit.launch_interval.si * TICKS_PER_S),
            "assessment_ticks": round(unit.assessment.si * TICKS_PER_S),
            "false_kill": unit.false_kill.si, "false_survival": unit.false_survival.si,
            "slews": int(item.slew_deg_s is not None), "slew_ticks_per_rad": TICKS_PER_S / math.radians(item.slew_deg_s or 1.0),
            "heading_rad": math.radians(heading_deg(situation, item)), "half_sector_rad": radar.sector.si / 2.0,
            "guidance_can_bind": int(int(unit.missiles_guided.si) < int(unit.channels.si) * most_salvo),
        })  # fmt: skip
        doctrine.append([
            {"salvo": order.salvo, "max_rounds": order.max_rounds or NO_LIMIT, **_control(item.weapons.get(kind), order)} if order
            else {"salvo": 1, "max_rounds": 1, "hold": 1, "tight": 0} for kind, order in zip(TARGET_CLASSES, orders, strict=True)
        ])  # fmt: skip
    return records(UNIT, rows), by_class(DOCTRINE, doctrine)


def _control(weapons: WeaponsControl | None, order: Doctrine) -> Row:
    """The weapons control status as fields of DOCTRINE; where none is given, that of the doctrine."""
    return {"hold": int(weapons == "hold" if weapons else order.hold), "tight": int(weapons == "tight")}


def loads(item: Deployment, system: System) -> dict[str, int]:
    """Rounds of each missile on the launchers of a deployment, in order of preference."""
    if item.rounds is not None:
        return dict(item.rounds)
    unit = system.fire_unit
    places = int(unit.launchers.si) * int(unit.missiles_per_launcher.si)
    return {name: round(places * share) * _per_place(system.missiles[name]) for name, share in unit.load.items()}


def _per_place(missile: Missile) -> int:
    return int(missile.per_place.si) if missile.per_place else 1


# ---------------------------------------------------------------- missiles


def magazines(situation: Situation) -> tuple[Records, Records, Floats, list[tuple[str, str]]]:
    """One row per missile type in a fire unit, its envelopes, the fly-out tables, and names."""
    rows: list[Row] = []
    envelopes: list[list[Row]] = []
    tables: dict[tuple[float, ...], int] = {}
    names: list[tuple[str, str]] = []
    for u, item in enumerate(situation.scenario.defence):
        system = situation.systems[item.system]
        for rank, (name, count) in enumerate(loads(item, system).items()):
            missile = system.missiles[name]
            spare = 0 if item.reload is None else item.reload.stock.get(name, 0)
            row: Row = {
                "unit": u, "rank": rank, "rounds": count, "spare": spare, "load": min(item.reload.rounds, count) if item.reload else 0,
                "load_ticks": round(item.reload.time_s * TICKS_PER_S) if item.reload else 0, "range_min_m": missile.range_min.si,
                "target_speed_max_mps": missile.target_speed_max.si,
                "guided_to_intercept": int(missile.guidance.value != "arh"),
                "fly_out": tables.setdefault(_fly_out_figures(missile), len(tables)),
                "range_most_m": fly_out_end_m(missile), "speed_least_mps": missile.flyout.speed_least.si,
            }  # fmt: skip
            rows.append(row)
            kept = item.reserve.get(name, {})
            envelopes.append([
                _envelope(missile, missile.targets.get(kind), situation.scenario.settings, _kept_from(kind, kept))
                for kind in TARGET_CLASSES
            ])  # fmt: skip
            names.append((item.id, name))
    fly_out = np.stack([_flown(*figures) for figures in tables]) if tables else np.empty((0, *_FLY_OUT_SHAPE))
    return records(MAGAZINE, rows), by_class(ENVELOPE, envelopes), fly_out, names


def _kept_from(kind: TargetClass, reserve: dict[TargetClass, int]) -> int:
    """Rounds that a class may not have, as they are the last and reserved for others."""
    return sum(rounds for other, rounds in reserve.items() if other != kind)


def _envelope(missile: Missile, envelope: Envelope | None, settings: Settings, kept: int) -> Row:
    if envelope is None:
        return dict.fromkeys(ENVELOPE.names or (), 0)

    def most(limit: Figure | None) -> float:
        return limit.si if limit else math.inf

    fall_m2 = settings.edge_loss / envelope.range_max.si**2
    manoeuvring = envelope.manoeuvring_max or envelope.range_max
    return {
        "engages": 1, "range_max_m": envelope.range_max.si, "altitude_max_m": envelope.altitude_max.si, "pk": envelope.pk.si,
        "height_min_m": (envelope.altitude_min or missile.altitude_min).si,
        "crossing_max_m": most(envelope.crossing_max), "receding_max_m": most(envelope.receding_max),
        "manoeuvring_max_m": most(envelope.manoeuvring_max),
        "fall_m2": fall_m2, "fall_manoeuvring_m2": max(fall_m2, settings.manoeuvre_loss / manoeuvring.si**2),
        "kept": kept,
    }  # fmt: skip


def fly_out_of(missile: Missile) -> Floats:
    """The fly-out table of a missile (`physics.flyout.fly_out_table`), to `fly_out_end_m` and a little above its highest ceiling."""
    return _flown(*_fly_out_figures(missile))


def fly_out_end_m(missile: Missile) -> float:
    """The slant range at which the fly-out table of a missile ends: a little beyond its largest envelope, m."""
    return 1.02 * max([1.0, *(envelope.range_max.si for envelope in missile.targets.values())])


def _fly_out_figures(missile: Missile) -> tuple[float, ...]:
    """All that a fly-out table depends on, in the order of `_flown`."""
    flyout = missile.flyout
    return (
        flyout.launch_mass.si, flyout.fuel_share.si, flyout.burn.si, flyout.speed_max.si, flyout.diameter.si, flyout.drag.si,
        flyout.loft.si, flyout.speed_least.si, fly_out_end_m(missile),
        1.02 * max([0.0, *(envelope.altitude_max.si for envelope in missile.targets.values())]),
    )  # fmt: skip


@lru_cache(maxsize=512)
def _flown(
    mass_kg: float, fuel_share: float, burn_s: float, speed_max_mps: float, diameter_m: float, drag: float, loft_m: float,
    least_mps: float, range_most_m: float, climb_most_m: float,
) -> Floats:  # fmt: skip
    """A fly-out table; cached, since variants of an outer draw share it."""
    area_m2 = drag * 0.25 * math.pi * diameter_m**2
    unpowered = mass_kg, fuel_share * mass_kg, burn_s, 0.0, area_m2
    missile = mass_kg, fuel_share * mass_kg, burn_s, thrust_for(unpowered, air_column(), speed_max_mps), area_m2
    table = np.empty(_FLY_OUT_SHAPE)
    fly_out_table(missile, loft_m, least_mps, range_most_m, climb_most_m, table)
    table.flags.writeable = False
    return table
