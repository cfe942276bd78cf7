"""A situation: a scenario with the catalogue entries it uses, ready to be packed for the engine."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from closedsky.catalogue.figures import PlacedFigure, figures, with_value
from closedsky.catalogue.library import Catalogue
from closedsky.model.figure import Source
from closedsky.model.scenario import Deployment, Group, Scenario
from closedsky.model.system import Missile, System
from closedsky.model.threat import Threat


@dataclass(frozen=True)
class Situation:
    """A scenario and every system and threat that it names. Built by `resolve`."""

    scenario: Scenario
    systems: dict[str, System]
    threats: dict[str, Threat]
    sources: dict[str, Source]

    def entries(self) -> Iterator[System | Threat]:
        """The entries in use, systems first, each sorted by name."""
        yield from (self.systems[name] for name in sorted(self.systems))
        yield from (self.threats[name] for name in sorted(self.threats))

    def figures(self) -> list[tuple[str, PlacedFigure]]:
        """Every figure that this situation uses, with the id of its entry."""
        return [(entry.id, figure) for entry in self.entries() for figure in figures(entry) if self._bears(entry, figure.path)]

    def with_figure(self, entry_id: str, path: str, value: float) -> "Situation":
        """The situation with one figure set to `value` (in the figure's own unit)."""
        if entry_id in self.systems:
            changed = with_value(self.systems[entry_id], path, value)
            return replace(self, systems={**self.systems, entry_id: changed})
        return replace(self, threats={**self.threats, entry_id: with_value(self.threats[entry_id], path, value)})

    def _bears(self, entry: System | Threat, path: str) -> bool:
        """Whether a figure can affect the result: a figure of a part of the entry that this scenario does not use cannot."""
        if isinstance(entry, Threat):
            return self._threat_bears(entry, path)
        room, _, rest = path.partition(".")
        name, *parts = rest.split(".")
        if room == "missiles":
            return name in self._loaded(entry) and self._missile_bears(entry.missiles[name], parts)
        if room == "radars":
            return name in self._radars_of(entry) and self._radar_bears(parts)
        if rest in ("launchers", "missiles_per_launcher"):
            return any(item.rounds is None for item in self._deployed(entry))
        return room == "fire_unit" and bool(self._deployed(entry))

    def _threat_bears(self, threat: Threat, path: str) -> bool:
        environment = self.scenario.environment
        groups = [group for group in self.scenario.raid if group.threat == threat.id]
        if path.startswith("jammer.") or not groups:
            return path == "jammer.power_density"
        if path == "reliability":
            return not all(group.reliability for group in groups)
        if path in ("cep", "lethal_radius"):
            return not threat.decoy
        return path not in ("price", "range_max") and (path != "ballistic_coefficient" or environment.drag == "on")

    def _missile_bears(self, missile: Missile, parts: list[str]) -> bool:
        if parts[0] == "targets":
            _, target, what = parts
            cover = self.scenario.cover
            if cover is not None and cover.target.kind == target and what not in ("pk", "manoeuvring_max"):
                return True
            groups = [group for group in self.scenario.raid if self.threats[group.threat].target_class == target]
            return any(group.manoeuvres or what != "manoeuvring_max" for group in groups)
        if parts[0] == "altitude_min":
            flown = {self.threats[group.threat].target_class for group in self.scenario.raid}
            flown |= {self.scenario.cover.target.kind} if self.scenario.cover is not None else set()
            return any(envelope.altitude_min is None for target, envelope in missile.targets.items() if target in flown)
        return parts[0] != "mean_speeds"

    def _radar_bears(self, parts: list[str]) -> bool:
        environment = self.scenario.environment
        jammed = bool(self.scenario.jamming) or any(
            threat.jammer for group in self.scenario.raid for threat in self._flown_by(group)
        )
        bears = {
            "tracks": False,
            "receiver": jammed,
            "clutter": environment.clutter != "off",
            "frequency": jammed or environment.gas == "on" or environment.lobing is not None,
        }
        return bears.get(parts[0], True)

    def _flown_by(self, group: Group) -> list[Threat]:
        return [self.threats[name] for name in (group.threat, group.escort) if name]

    def _deployed(self, system: System) -> list[Deployment]:
        return [item for item in self.scenario.defence if item.system == system.id]

    def _loaded(self, system: System) -> set[str]:
        """Missiles that some deployment has on its launchers."""
        return {
            name for item in self._deployed(system) for name in (system.fire_unit.load if item.rounds is None else item.rounds)
        }

    def _radars_of(self, system: System) -> set[str]:
        own = {system.fire_unit.engagement_radar for _ in self._deployed(system)}
        own |= {name for item in self._deployed(system) if item.sensors for name in system.package.sensors}
        return own | {sensor.radar for sensor in self.scenario.sensors if sensor.system == system.id}


def resolve(scenario: Scenario, catalogue: Catalogue) -> Situation:
    """Look up every system and threat that `scenario` names; its own entries take precedence over those of the catalogue.

    Raises CatalogueError for an unknown name.
    """
    extra = scenario.catalogue
    systems = {item.system for item in scenario.defence} | {sensor.system for sensor in scenario.sensors}
    threats = {group.threat for group in scenario.raid} | {group.escort for group in scenario.raid if group.escort}
    threats |= {station.threat for station in scenario.jamming}
    return Situation(
        scenario=scenario,
        systems={name: extra.systems.get(name) or catalogue.system(name) for name in sorted(systems)},
        threats={name: extra.threats.get(name) or catalogue.threat(name) for name in sorted(threats)},
        sources={**catalogue.sources, **extra.sources},
    )
