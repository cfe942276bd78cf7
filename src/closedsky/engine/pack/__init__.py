"""Packs a situation into arrays (`Packed`): ids become indices, figures numbers, degrees radians, and decibels ratios."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from closedsky.engine.layout import (
    ASSET,
    EARLIEST_IMPACT,
    FIRST_TRACKED,
    GREEDY_VALUE,
    LONG_AGO,
    NETWORK,
    STATIC_OPTIMAL,
    TICKS_PER_S,
    Earth,
    Packed,
    PackedDefence,
    PackedEnvironment,
    PackedRaid,
)
from closedsky.engine.pack import air, defence, raid
from closedsky.engine.pack.defence import loads
from closedsky.engine.pack.horizons import horizons
from closedsky.engine.pack.rows import Row, key_of, records
from closedsky.engine.pack.sites import heading_deg
from closedsky.engine.pack.zones import zones
from closedsky.model.environment import Environment
from closedsky.model.scenario import Network
from closedsky.physics.constants import EARTH_ROTATION_RAD_S, SPHERE, WGS84
from closedsky.physics.ground import Ground
from closedsky.scenario.situation import Situation

__all__ = ["Alike", "Names", "heading_deg", "key_of", "loads", "pack"]


@dataclass(frozen=True)
class Names:
    """The names of the rows of `Packed`."""

    threats: tuple[str, ...]
    flights: tuple[str, ...]
    radars: tuple[str, ...]
    units: tuple[str, ...]
    magazines: tuple[tuple[str, str], ...]
    networks: tuple[str, ...]
    assets: tuple[str, ...]


class Alike(NamedTuple):
    """A situation that has been packed, of which another differs in a figure."""

    situation: Situation
    packed: Packed
    names: Names


def pack(
    situation: Situation, ground: Ground, threads: int = 1, *, with_horizons: bool = True, like: Alike | None = None
) -> tuple[Packed, Names]:
    """Arrays of a checked situation, and the names of their rows; horizons of radars are computed on `threads` threads.

    Horizons are not needed where visibility floors are used instead. The raid of `like`, over the same ground, is taken over if it is
    that of this situation.
    """
    scenario = situation.scenario
    environment = scenario.environment
    earth = earth_of(environment)
    networks = scenario.network_names()
    assets = [asset.id for asset in scenario.assets]
    if like is not None and like.situation.scenario is scenario and like.situation.threats is situation.threats:
        flights, waypoints, threats, threat_names = *like.packed.raid, list(like.names.threats)
    else:
        flights, waypoints = raid.flights(situation, ground, earth)
        threats, threat_names = raid.threats(situation, assets)
    sets = defence.radars(situation, ground, earth, networks)
    units, doctrine = defence.units(situation, networks, sets.names)
    magazines, envelopes, fly_out, magazine_names = defence.magazines(situation)
    gas = air.losses_in_air(environment, sets)
    tables = np.empty(0, np.float32)
    if with_horizons:
        tables = horizons(sets.rows, ground, earth, environment.refraction_k, threads)
    jams, screens = air.jamming(situation, ground, earth, sets)
    zone_rows, corners, zoned = zones(scenario)
    packed = Packed(
        PackedRaid(flights=flights, waypoints=waypoints, threats=threats),
        PackedDefence(
            sites=defence.sites(scenario, networks),
            radars=sets.rows,
            units=units,
            magazines=magazines,
            envelopes=envelopes,
            doctrine=doctrine,
            fly_out=fly_out,
            networks=records(NETWORK, [_network(name, scenario.networks.get(name, Network())) for name in networks]),
            assets=records(ASSET, [{"value": asset.value, "radius_m": asset.radius_m} for asset in scenario.assets]),
            zones=zone_rows,
            corners=corners,
            zoned=zoned,
            salvo_correlation=scenario.settings.salvo_correlation,
        ),
        PackedEnvironment(
            earth=earth,
            refraction_k=environment.refraction_k,
            horizons=tables,
            gas=gas,
            roughness_m=-1.0 if environment.lobing is None else environment.lobing.roughness_m,
            jams=jams,
            screens=screens,
        ),
    )
    return packed, Names(
        threats=tuple(threat_names),
        flights=tuple(group.id for group in scenario.raid),
        radars=tuple(sets.names),
        units=tuple(item.id for item in scenario.defence),
        magazines=tuple(magazine_names),
        networks=tuple(networks),
        assets=tuple(assets),
    )


def earth_of(environment: Environment) -> Earth:
    """The figure of the Earth and its rotation, as the scenario's environment says."""
    figure = WGS84 if environment.earth.shape == "wgs84" else SPHERE
    return Earth(*figure, EARTH_ROTATION_RAD_S if environment.earth.rotation == "on" else 0.0)


_POLICIES = {
    "earliest-impact": EARLIEST_IMPACT, "first-tracked": FIRST_TRACKED, "greedy-value": GREEDY_VALUE, "static-optimal": STATIC_OPTIMAL,
}  # fmt: skip


def _network(name: str, network: Network) -> Row:
    return {
        "key": key_of(name),
        "link_delay_ticks": round(network.link_delay_s * TICKS_PER_S),
        "policy": _POLICIES[network.policy],
        "fire_from_ticks": LONG_AGO if network.fire_from_s is None else round(network.fire_from_s * TICKS_PER_S),
        "identify_ticks": round(network.identification.delay_s * TICKS_PER_S),
        "identified": network.identification.correct,
        "misidentified": network.identification.wrong,
    }
