"""An entry in plain words: one row per figure, in sections."""

from collections.abc import Mapping
from typing import NamedTuple

from closedsky.catalogue.figures import walk
from closedsky.catalogue.library import Entry
from closedsky.model.figure import Alternative, Figure, Grade
from closedsky.model.threat import Threat
from closedsky.model.used import FiguresUsed


class Row(NamedTuple):
    """One row of an entry in plain words."""

    section: str
    parameter: str
    value: str
    range: str
    unit: str
    grade: Grade
    sources: tuple[str, ...]
    why: str
    others: tuple[Alternative, ...]
    path: str


_UNITS = {"m2": "m²", "deg": "°", "count": "", "prob": "", "kg/m2": "kg/m²", "us": "µs", "MUSD": "M$", "kUSD": "k$"}
_GUIDANCE = {"command": "radio command", "sarh": "semi-active", "tvm": "track via missile", "arh": "active homing"}
_AGAINST = {"aircraft": "aircraft", "cruise": "cruise missiles", "drone": "drones", "ballistic": "ballistic missiles"}
_WORDS = {
    "frequency": "frequency",
    "detection.range": "detection range",
    "detection.rcs": "  of a target of",
    "detection.pd": "  with detection probability",
    "detection.pfa": "  and false-alarm probability",
    "equation.peak_power": "peak power",
    "equation.pulse": "pulse",
    "equation.gain": "antenna gain",
    "equation.noise_temperature": "noise temperature",
    "equation.loss": "losses",
    "equation.pfa": "false-alarm probability",
    "pulses": "pulses of a look",
    "instrumented_range": "instrumented range",
    "antenna_height": "antenna height",
    "elevation_min": "lowest elevation",
    "elevation_max": "highest elevation",
    "sector": "sector in azimuth",
    "revisit": "time between looks, search",
    "dwell": "time between looks, cued",
    "radial_speed_min": "filters out, radially below",
    "clutter.loss": "loss in clutter",
    "clutter.height": "  below a height of",
    "clutter.radial_speed": "  and a radial speed of",
    "receiver.gain": "antenna gain, to jamming",
    "receiver.beamwidth": "  main lobe",
    "receiver.side_lobes": "  side lobes lower by",
    "receiver.noise_temperature": "  noise temperature",
    "tracks": "tracks kept",
    "guidance": "guidance",
    "range_min": "shortest range",
    "altitude_min": "lowest target, above ground",
    "flyout.launch_mass": "launch mass",
    "flyout.fuel_share": "  of which fuel",
    "flyout.burn": "burn time",
    "flyout.speed_max": "speed at burnout",
    "flyout.diameter": "diameter",
    "flyout.drag": "drag, of the generic curve's",
    "flyout.loft": "lofted by up to",
    "flyout.speed_least": "slowest at intercept",
    "target_speed_max": "fastest target",
    "per_place": "missiles in a launcher place",
    "channels": "targets at once",
    "missiles_guided": "missiles guided at once",
    "launchers": "launchers",
    "missiles_per_launcher": "places on a launcher",
    "reaction": "reaction time",
    "launch_interval": "time between launches",
    "assessment": "assessment time",
    "false_kill": "survivor judged killed",
    "false_survival": "killed judged alive",
    "signature.nose": "radar cross-section, nose",
    "signature.beam": "radar cross-section, beam",
    "signature.tail": "radar cross-section, tail",
    "speed": "cruising speed",
    "height": "height above ground",
    "range_max": "longest range",
    "boost": "burn time",
    "ballistic_coefficient": "ballistic coefficient",
    "reliability": "does not fail by itself",
    "cep": "circular error probable",
    "lethal_radius": "lethal radius",
    "jammer.power_density": "jamming, for each MHz",
    "jammer.frequency_min": "  from",
    "jammer.frequency_max": "  to",
    "price": "price",
}
_RECORDED = {"distance": "  to a distance of", "speed": "mean speed, recorded"}
_ENVELOPE = {
    "range_max": "range against",
    "altitude_max": "ceiling against",
    "altitude_min": "lowest of",
    "pk": "one-shot kill,",
    "crossing_max": "crossing offset,",
    "receding_max": "range, receding",
    "manoeuvring_max": "range, turning",
}


def describe(entry: Entry) -> list[Row]:
    """The entry in plain words, one row per figure: each radar, each missile, the fire unit, formations, prices; or the threat."""
    rows = []
    for path, figure in walk(entry):
        section, parameter = _in_words(entry, path)
        low_high = ""
        if isinstance(figure, Figure):
            value, unit = number(figure.value), unit_of(figure)
            if figure.low is not None and figure.high is not None and figure.low < figure.high:
                low_high = f"{number(figure.low)} to {number(figure.high)}"
        else:
            parameter = f"guidance: {_GUIDANCE[figure.value]}"
            value, unit = figure.value.upper(), ""
        others = figure.others if isinstance(figure, Figure) else ()
        rows.append(Row(section, parameter, value, low_high, unit, figure.grade, figure.source, figure.why, others, path))
    return rows


def _in_words(entry: Entry, path: str) -> tuple[str, str]:
    """Section and parameter of the figure at `path`."""
    if isinstance(entry, Threat):
        return "Threat", _WORDS.get(path, path)
    room, _, rest = path.partition(".")
    key, _, rest = rest.partition(".")
    if room == "radars":
        return f"Radar {entry.radars[key].name}", _WORDS.get(rest, rest)
    if room == "missiles":
        if rest.startswith("targets."):
            _, target, what = rest.split(".")
            return f"Missile {entry.missiles[key].name}", f"{_ENVELOPE[what]} {_AGAINST[target]}"
        if rest.startswith("mean_speeds."):
            return f"Missile {entry.missiles[key].name}", _RECORDED[rest.rpartition(".")[2]]
        return f"Missile {entry.missiles[key].name}", _WORDS.get(rest, rest)
    if room == "formations":
        return "Formations", f"{entry.formations[key].name}: fire units"
    if room == "prices":
        return "Prices", entry.prices[key].what if rest == "amount" else "  fire units in it"
    return "Fire unit", _WORDS.get(key, key)


def uncertain_in_words(used: FiguresUsed) -> str:
    """How many of the figures of an answer are uncertain, in words."""
    return f"{used.count} of the {used.of} figures used are assumed, unverified or estimates."


def grades_in_words(by_grade: Mapping[Grade, int]) -> str:
    """Counts of figures by grade, in words: "2 read, 11 cited, 1 estimate"."""
    return ", ".join(
        f"{count} {grade}{'s' if grade is Grade.ESTIMATE and count != 1 else ''}" for grade, count in by_grade.items()
    )


def number(value: float) -> str:
    """A figure as printed."""
    return f"{value:g}"


def unit_of(figure: Figure) -> str:
    """The unit of a figure as printed."""
    return _UNITS.get(figure.unit, figure.unit)
