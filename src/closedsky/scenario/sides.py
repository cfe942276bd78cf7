"""Which side each figure favours, and a situation with every figure at the end that favours the attacker or the defender.

The direction is that of the model: a figure whose main effect is not modelled (a false alarm costs nothing here) is judged by its effect
in the model.
"""

from fnmatch import fnmatchcase
from typing import Literal

from closedsky.scenario.situation import Situation

End = Literal["low", "likely", "high"]
"""End of an answer: every figure at the end of its range that favours the attacker; as chosen; at the end that favours the defender."""

DEFENDER, ATTACKER, NOT_PLAIN = 1, -1, 0
"""Side that a figure favours at its high end."""

# Path pattern in an entry -> the side its high end favours. The first match counts; a threat's figures have no prefix.
SIDES: tuple[tuple[str, int, str], ...] = (
    ("radars.*.frequency", NOT_PLAIN, "the air takes more of high frequencies, jamming of low ones"),
    ("radars.*.detection.range", DEFENDER, "seen farther off"),
    ("radars.*.detection.rcs", ATTACKER, "the published range is then for a larger target"),
    ("radars.*.detection.pd", DEFENDER, "the published range is then for a stronger echo"),
    ("radars.*.detection.pfa", NOT_PLAIN, "within the published range it favours one side, beyond it the other"),
    ("radars.*.equation.peak_power", DEFENDER, "stronger echoes"),
    ("radars.*.equation.pulse", DEFENDER, "stronger echoes"),
    ("radars.*.equation.gain", DEFENDER, "stronger echoes"),
    ("radars.*.equation.noise_temperature", ATTACKER, "weaker echoes"),
    ("radars.*.equation.loss", ATTACKER, "weaker echoes"),
    ("radars.*.equation.pfa", DEFENDER, "a lower threshold; false alarms cost nothing here"),
    ("radars.*.pulses", NOT_PLAIN, "a published range has them in it already"),
    ("radars.*.instrumented_range", DEFENDER, "sees farther"),
    ("radars.*.range_min", ATTACKER, "a larger hole round the radar"),
    ("radars.*.antenna_height", DEFENDER, "a farther horizon"),
    ("radars.*.elevation_min", ATTACKER, "misses what is low"),
    ("radars.*.elevation_max", DEFENDER, "sees what is high"),
    ("radars.*.sector", DEFENDER, "sees more to the sides"),
    ("radars.*.revisit", ATTACKER, "later tracks"),
    ("radars.*.dwell", ATTACKER, "later locks"),
    ("radars.*.radial_speed_min", ATTACKER, "filters more targets out"),
    ("radars.*.clutter.*", ATTACKER, "more is lost against the ground"),
    ("radars.*.receiver.gain", ATTACKER, "takes in more of a jammer"),
    ("radars.*.receiver.beamwidth", ATTACKER, "jammed from farther aside"),
    ("radars.*.receiver.side_lobes", DEFENDER, "side lobes lie lower"),
    ("radars.*.receiver.noise_temperature", DEFENDER, "the jammer is less beside the receiver's own noise"),
    ("radars.*.tracks", DEFENDER, "keeps more"),
    ("missiles.*.range_min", ATTACKER, "a larger hole round the unit"),
    ("missiles.*.altitude_min", ATTACKER, "misses what is low"),
    ("missiles.*.flyout.launch_mass", DEFENDER, "drag slows it less once it coasts"),
    ("missiles.*.flyout.fuel_share", ATTACKER, "less mass left against drag once it coasts"),
    (
        "missiles.*.flyout.burn",
        NOT_PLAIN,
        "later at what is near, sooner at what is far: it coasts, and is slowed, for less long",
    ),
    ("missiles.*.flyout.speed_max", DEFENDER, "meets earlier and farther"),
    ("missiles.*.flyout.diameter", ATTACKER, "more drag once it coasts"),
    ("missiles.*.flyout.drag", ATTACKER, "slower and less far once it coasts"),
    ("missiles.*.flyout.loft", NOT_PLAIN, "one of four lofts is flown, none of which need be better for being higher"),
    ("missiles.*.flyout.speed_least", ATTACKER, "falls short sooner"),
    ("missiles.*.mean_speeds.*.*", NOT_PLAIN, "recorded beside the fly-out, which alone flies"),
    ("missiles.*.target_speed_max", DEFENDER, "meets faster targets"),
    ("missiles.*.per_place", DEFENDER, "more rounds"),
    ("missiles.*.targets.*.*", DEFENDER, "meets farther, higher, or better"),
    ("fire_unit.channels", DEFENDER, "more targets at once"),
    ("fire_unit.missiles_guided", DEFENDER, "more rounds at once"),
    ("fire_unit.launchers", DEFENDER, "more rounds"),
    ("fire_unit.missiles_per_launcher", DEFENDER, "more rounds"),
    ("fire_unit.reaction", ATTACKER, "fires later"),
    ("fire_unit.launch_interval", ATTACKER, "fires later"),
    ("fire_unit.assessment", ATTACKER, "fires again later"),
    ("fire_unit.false_kill", ATTACKER, "lets survivors go"),
    ("fire_unit.false_survival", ATTACKER, "spends rounds on the dead"),
    ("formations.*", NOT_PLAIN, "how many units a formation has is asked for, not found"),
    ("prices.*", NOT_PLAIN, "no bearing on what is shot at"),
    ("signature.*", DEFENDER, "seen farther off"),
    ("speed", NOT_PLAIN, "faster leaves less time, slower hides from the moving-target filter"),
    ("height", DEFENDER, "seen from farther"),
    ("range_max", NOT_PLAIN, "how far it does fly is asked for, not found"),
    ("boost", NOT_PLAIN, "shapes the path both ways"),
    ("ballistic_coefficient", ATTACKER, "the air slows it less"),
    ("reliability", ATTACKER, "more of them arrive"),
    ("cep", DEFENDER, "more of them miss"),
    ("lethal_radius", ATTACKER, "near misses count"),
    ("jammer.power_density", ATTACKER, "more noise"),
    ("jammer.frequency_min", DEFENDER, "a narrower band"),
    ("jammer.frequency_max", ATTACKER, "a wider band"),
    ("price", NOT_PLAIN, "no bearing on what is shot at"),
)


def side(path: str) -> tuple[int, str]:
    """The side that the high end of the figure at `path` favours (DEFENDER, ATTACKER, NOT_PLAIN), and the reason."""
    return next((favours, why) for pattern, favours, why in SIDES if fnmatchcase(path, pattern))


def situation_at(situation: Situation, end: End) -> Situation:
    """The situation with every relevant figure at the end that favours the attacker (low) or the defender (high), or as chosen."""
    if end == "likely":
        return situation
    for entry, (path, figure) in situation.figures():
        favours, _ = side(path)
        if favours != NOT_PLAIN and figure.low is not None and figure.high is not None:
            situation = situation.with_figure(
                entry, path, figure.high if (favours == DEFENDER) == (end == "high") else figure.low
            )
    return situation


def left_as_chosen(situation: Situation) -> list[tuple[str, str]]:
    """Figures with a range but no clear direction, and the reason: `situation_at` leaves them as chosen."""
    return [
        (f"{entry}: {path}", side(path)[1])
        for entry, (path, figure) in situation.figures()
        if side(path)[0] == NOT_PLAIN and figure.low != figure.high
    ]
