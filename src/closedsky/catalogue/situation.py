"""A situation: a scenario together with the catalogue entries it uses. What the engine is packed from."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from closedsky.catalogue.library import Catalogue, Figure, figures, with_value
from closedsky.model.claim import Source
from closedsky.model.scenario import Scenario
from closedsky.model.system import System
from closedsky.model.threat import Threat


@dataclass(frozen=True)
class Situation:
    """A scenario and every system and threat it names. Built by `resolve`."""

    scenario: Scenario
    systems: dict[str, System]
    threats: dict[str, Threat]
    sources: dict[str, Source]

    def entries(self) -> Iterator[System | Threat]:
        """The entries in use, systems first, each in the order of its name."""
        yield from (self.systems[name] for name in sorted(self.systems))
        yield from (self.threats[name] for name in sorted(self.threats))

    def figures(self) -> list[tuple[str, Figure]]:
        """Every figure that this situation rests on, with the id of its entry."""
        return [(entry.id, figure) for entry in self.entries() for figure in figures(entry) if self._bears(entry, figure.path)]

    def with_figure(self, entry_id: str, path: str, value: float) -> "Situation":
        """The same situation with one figure set to `value` (in the figure's own unit)."""
        if entry_id in self.systems:
            changed = with_value(self.systems[entry_id], path, value)
            return replace(self, systems={**self.systems, entry_id: changed})
        return replace(self, threats={**self.threats, entry_id: with_value(self.threats[entry_id], path, value)})

    def _bears(self, entry: System | Threat, path: str) -> bool:
        """Whether a figure can matter here: radars and missiles that are in the catalogue but not in this defence cannot."""
        if isinstance(entry, Threat):
            return not (path == "reliability" and all(g.reliability for g in self.scenario.raid if g.threat == entry.id))
        room, _, rest = path.partition(".")
        name = rest.split(".")[0]
        if room == "missiles":
            classes = {self.threats[group.threat].target_class for group in self.scenario.raid}
            parts = rest.split(".")
            return name in entry.fire_unit.load and (parts[1] != "targets" or parts[2] in classes)
        if room == "radars":
            wanted = {entry.fire_unit.engagement_radar, *entry.package.sensors}
            wanted |= {sensor.radar for sensor in self.scenario.sensors if sensor.system == entry.id}
            return name in wanted
        return True


def resolve(scenario: Scenario, catalogue: Catalogue) -> Situation:
    """Look up every system and threat that `scenario` names; its own entries stand before the shipped ones.

    Raises CatalogueError for an unknown name.
    """
    extra = scenario.catalogue
    systems = {item.system for item in scenario.defence} | {sensor.system for sensor in scenario.sensors}
    threats = {group.threat for group in scenario.raid}
    return Situation(
        scenario=scenario,
        systems={name: extra.systems.get(name) or catalogue.system(name) for name in sorted(systems)},
        threats={name: extra.threats.get(name) or catalogue.threat(name) for name in sorted(threats)},
        sources={**catalogue.sources, **extra.sources},
    )
