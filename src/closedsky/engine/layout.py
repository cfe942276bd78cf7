"""The flat arrays of the engine: one dtype per noun, a unit in every field name, ids replaced by indices.

`Packed` is a scenario as arrays (`pack`), `Tables` the results of geometry, `Outcomes` the results of trials. Times in `Packed` are in
seconds, unless named ticks; times in `Tables` are in ticks of one microsecond on the threat's own clock (zero at its launch). Fields that
the trial uses only as indices are unsigned: numba then omits the handling of negative indices.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Records = npt.NDArray[Any]

TICKS_PER_S = 1_000_000
NEVER = 1 << 62
LONG_AGO = -(1 << 60)

CLASSES = 4  # aircraft, cruise, drone, ballistic: the order of model.system.TARGET_CLASSES

# FLIGHT.motion: along waypoints, on a Kepler arc, or integrated with drag and the Earth's turning
ROUTE, BALLISTIC, INTEGRATED = 0, 1, 2
# THREAT.endpoint
AT_IMPACT, AT_RELEASE = 0, 1
# THREAT.side; and what a network takes it for (JOB.identity, EVENT.value of EV_IDENTIFIED)
HOSTILE, FRIENDLY, CIVIL = 0, 1, 2
UNKNOWN = 3
# NETWORK.policy
EARLIEST_IMPACT, FIRST_TRACKED, GREEDY_VALUE, STATIC_OPTIMAL = 0, 1, 2, 3

FLIGHT = np.dtype([
    ("motion", "i8"), ("target_class", "i8"), ("swerling", "i8"),
    ("rcs_nose_m2", "f8"), ("rcs_beam_m2", "f8"), ("rcs_tail_m2", "f8"),
    ("step_s", "f8"), ("duration_s", "f8"),
    ("first_waypoint", "i8"), ("waypoints", "i8"),
    ("lat0_rad", "f8"), ("lon0_rad", "f8"), ("ground0_m", "f8"),
    ("lat1_rad", "f8"), ("lon1_rad", "f8"), ("ground1_m", "f8"),
    ("gamma_rad", "f8"), ("boost_s", "f8"),
    ("azimuth_rad", "f8"), ("speed_mps", "f8"), ("coefficient_kg_m2", "f8"),
    ("manoeuvres", "i8"),
])  # fmt: skip
"""A path with a type of threat: the unit of work of geometry. Threats that differ only in launch time share one flight."""

WAYPOINT = np.dtype([("lat_rad", "f8"), ("lon_rad", "f8"), ("level_m", "f8"), ("above_ground", "i8"), ("arrive_s", "f8")])

THREAT = np.dtype([
    ("key", "u8"), ("flight", "u4"), ("leads_group", "i8"),
    ("start_s", "f8"), ("jitter_s", "f8"), ("mean_gap_s", "f8"),
    ("reliability", "f8"), ("endpoint", "i8"), ("asset", "i8"),
    ("miss_sigma_m", "f8"), ("lethal_radius_m", "f8"), ("hit_share", "f8"), ("decoy", "i8"), ("side", "i8"), ("worth", "f8"),
])  # fmt: skip
"""`worth` is what one is expected to destroy of the value of its asset, above 0, for policies that weigh threats."""

SITE = np.dtype([
    ("key", "u8"), ("network", "i8"), ("probability", "f8"), ("from_ticks", "i8"), ("silent", "i8"), ("come_up_ticks", "i8"),
])  # fmt: skip
"""A deployment or a sensor: up with a probability, from a time of the scenario or, if it is silent, from some time after it is cued on."""

RADAR = np.dtype([
    ("key", "u8"), ("site", "i8"), ("network", "i8"), ("searches", "i8"), ("varies", "i8"),
    ("lat_rad", "f8"), ("lon_rad", "f8"), ("antenna_alt_m", "f8"), ("x_m", "f8"), ("y_m", "f8"), ("z_m", "f8"),
    ("heading_rad", "f8"), ("half_sector_rad", "f8"),
    ("range_min_m", "f8"), ("range_max_m", "f8"), ("elevation_min_rad", "f8"), ("elevation_max_rad", "f8"),
    ("anchor_snr", "f8"), ("anchor_range_m", "f8"), ("anchor_rcs_m2", "f8"), ("anchor_gas_db", "f8"),
    ("pulses", "i8"), ("threshold", "f8"), ("pfa", "f8"), ("wavelength_m", "f8"), ("gas", "i8"),
    ("radial_speed_min_mps", "f8"), ("clutter_loss", "f8"), ("clutter_height_m", "f8"), ("clutter_speed_mps", "f8"),
    ("beamwidth_rad", "f8"), ("side_lobe", "f8"), ("first_jam", "i8"), ("jams", "i8"),
    ("hits", "i8"), ("looks", "i8"), ("revisit_s", "f8"), ("dwell_s", "f8"),
    ("horizon", "i8"), ("azimuths", "i8"), ("ranges", "i8"), ("horizon_step_rad", "f8"),
])  # fmt: skip
"""A sited radar; `varies` is 1 if its site need not be up all the time. `gas` is its table of atmospheric losses (-1: none); without a
known frequency `wavelength_m` is zero.

Its horizon (`physics.horizon`) is a table of azimuths × ranges in `PackedEnvironment.horizons` from index `horizon` on; over flat ground
it has none (0 azimuths)."""

JAM = np.dtype([("x", "f8"), ("y", "f8"), ("z", "f8"), ("noise", "f8")])
"""A stand-off jammer as seen by a radar: direction (ECEF unit vector), and jamming-to-noise ratio at the centre of the main lobe."""

UNIT = np.dtype([
    ("network", "u4"), ("radar", "u4"), ("site", "u4"), ("channels", "i8"), ("missiles_guided", "i8"),
    ("reaction_ticks", "i8"), ("launch_interval_ticks", "i8"), ("assessment_ticks", "i8"),
    ("false_kill", "f8"), ("false_survival", "f8"),
    ("guidance_can_bind", "i8"),
    ("slews", "i8"), ("slew_ticks_per_rad", "f8"), ("heading_rad", "f8"), ("half_sector_rad", "f8"),
])  # fmt: skip

MAGAZINE = np.dtype([
    ("unit", "u4"), ("rank", "i8"), ("rounds", "i8"), ("spare", "i8"), ("load", "i8"), ("load_ticks", "i8"),
    ("fly_out", "i8"), ("range_most_m", "f8"), ("speed_least_mps", "f8"),
    ("range_min_m", "f8"), ("target_speed_max_mps", "f8"),
    ("guided_to_intercept", "i8"),
])  # fmt: skip
"""The rounds of one missile type in one fire unit; `spare` ones are brought to its launchers, `load` at once. `fly_out` is its table of
fly-outs, which ends at the slant range `range_most_m`."""

ENVELOPE = np.dtype([
    ("engages", "i8"), ("range_max_m", "f8"), ("height_min_m", "f8"), ("altitude_max_m", "f8"), ("pk", "f8"),
    ("crossing_max_m", "f8"), ("receding_max_m", "f8"), ("manoeuvring_max_m", "f8"),
    ("fall_m2", "f8"), ("fall_manoeuvring_m2", "f8"), ("kept", "i8"),
])  # fmt: skip
"""`fall_m2` is the share of the kill probability that is lost for each square metre of the square of the slant range
(`physics.lethality.pk_at_range`), `fall_manoeuvring_m2` that against a target that manoeuvres. The last `kept` rounds of the magazine are
reserved for other classes."""

DOCTRINE = np.dtype([("salvo", "i8"), ("max_rounds", "i8"), ("hold", "i8"), ("tight", "i8")])
NO_LIMIT = 1 << 30
"""DOCTRINE.max_rounds where only time and stock limit the rounds at one target."""
NETWORK = np.dtype([
    ("key", "u8"), ("link_delay_ticks", "i8"), ("policy", "i8"), ("fire_from_ticks", "i8"),
    ("identify_ticks", "i8"), ("identified", "f8"), ("misidentified", "f8"),
])  # fmt: skip
ZONE = np.dtype([
    ("first", "i8"), ("corners", "i8"), ("altitude_min_m", "f8"), ("altitude_max_m", "f8"), ("launch", "i8"), ("intercept", "i8"),
])  # fmt: skip
"""A zone, with a slice of the corners. `launch` and `intercept` are ANYWHERE, INSIDE or OUTSIDE."""
ANYWHERE, INSIDE, OUTSIDE = 0, 1, 2
ASSET = np.dtype([("value", "f8"), ("radius_m", "f8")])


class Earth(NamedTuple):
    """The figure of the Earth: semi-major axis, first eccentricity squared; and its rotation rate, for free flight."""

    axis_m: float
    e2: float
    rotation_rad_s: float


class Gas(NamedTuple):
    """One-way atmospheric losses, dB: table × apparent elevation (rad) × range (m), and the grids of each table (`physics.gas`)."""

    elevation_rad: Floats
    range_m: Floats
    loss_db: Floats


class PackedRaid(NamedTuple):
    """What flies."""

    flights: Records
    waypoints: Records
    threats: Records


class PackedDefence(NamedTuple):
    """What sees, decides and fires, and what is defended. `envelopes` is magazine × class, `doctrine` is unit × class.

    `fly_out` is table × (mean speed, speed at the end in m/s) × slant range × elevation (`physics.flyout`). `corners` are rows (latitude,
    longitude), rad; `zoned` is zone × unit × class: whether the zone applies.
    """

    sites: Records
    radars: Records
    units: Records
    magazines: Records
    envelopes: Records
    doctrine: Records
    fly_out: Floats
    networks: Records
    assets: Records
    zones: Records
    corners: Floats
    zoned: npt.NDArray[np.bool_]
    salvo_correlation: float


class PackedEnvironment(NamedTuple):
    """What lies between radars and targets. `jams` are listed radar by radar.

    `screens` is flight × radar: jamming-to-noise ratio of the flight's escort jammer, times the square of its range (m²).
    """

    earth: Earth
    refraction_k: float
    horizons: npt.NDArray[np.float32]
    gas: Gas
    roughness_m: float
    jams: Records
    screens: Floats


class Packed(NamedTuple):
    """A scenario as arrays."""

    raid: PackedRaid
    defence: PackedDefence
    environment: PackedEnvironment


SIGHT = np.dtype([
    ("first", "i8"), ("count", "i8"), ("any_detection", "f8"), ("in_sight", "i8"), ("outside_sector", "i8"),
])  # fmt: skip
"""One per flight × network: a slice of the track-time distribution."""

LOCK = np.dtype([("first", "i8"), ("count", "i8"), ("origin_ticks", "i8"), ("dwell_ticks", "i8")])
"""One per flight × unit: a slice of the miss probabilities of cued looks; look k is at origin + k dwell."""

PAIRING = np.dtype([("first_opening", "i8"), ("openings", "i8"), ("outside_sector", "i8"), ("held_by_rules", "i8")])
"""One per flight × network: a slice of the openings, which number the windows of its units by earliest assignment."""

REACH = np.dtype([("first_window", "i8"), ("windows", "i8")])
"""One per flight × unit: a slice of the windows, ordered by earliest assignment."""

WINDOW = np.dtype([
    ("unit", "u4"), ("magazine", "u4"), ("rank", "i8"), ("lock", "u4"),
    ("open_ticks", "i8"), ("close_ticks", "i8"), ("assign_ticks", "i8"),
    ("first", "i8"), ("count", "i8"), ("points_per_tick", "f8"), ("pk", "f8"), ("fall_m2", "f8"),
    ("salvo", "i8"), ("max_rounds", "i8"), ("tight", "i8"), ("kept", "i8"), ("guided", "i8"),
])  # fmt: skip
"""An interval of launch times, with a slice of the intercepts at launch times on a uniform grid from open to close: their times, and the
squares of their slant ranges."""


BEARING = np.dtype([("first", "i8"), ("count", "i8"), ("origin_ticks", "i8"), ("step_ticks", "i8")])
"""One per flight × unit: a slice of the directions of the flight from a unit that slews, at origin + k step; empty for others."""


class Opened(NamedTuple):
    """The windows of one flight: the openings of each network and the slices of each unit (REACH), the windows, and their intercepts."""

    openings: Ints
    reaches: Records
    windows: Records
    intercept_ticks: Floats
    intercept_m2: Floats


WATCH = np.dtype([
    ("key", "u8"), ("site", "i8"), ("varies", "i8"), ("network", "i8"),
    ("first", "i8"), ("count", "i8"), ("origin_ticks", "i8"), ("revisit_ticks", "i8"), ("hits", "i8"), ("looks", "i8"),
])  # fmt: skip
"""One per flight × radar: a slice of the detection probabilities of its looks in search, look k at origin + k revisit; of one that varies
all of them, of others those while the flight can be fired at. Empty where nothing can ask for it: the radar does not search, or it never
varies and no unit of its network takes survivors for dead."""


class Tables(NamedTuple):
    """The results of geometry that trials read; `defended` is 1 for a flight that some missile of the defence may engage."""

    duration_ticks: Ints
    sights: Records
    track_ticks: Ints
    track_cdf: Floats
    locks: Records
    lock_miss: Floats
    pairings: Records
    openings: Ints
    reaches: Records
    windows: Records
    intercept_ticks: Floats
    intercept_m2: Floats
    defended: Ints
    watches: Records
    look_pd: Floats
    bearings: Records
    bearing_rad: Floats


# Why a leaker was not killed: the last stage that it reached, in order.
CAUSES = (
    "no_defence", "never_in_line_of_sight", "seen_too_weakly", "seen_no_track", "outside_sector", "held_by_rules",
    "no_time", "not_identified", "not_ready", "no_channel", "no_rounds", "engaged_and_missed",
)  # fmt: skip
(NO_DEFENCE, NO_SIGHT, TOO_WEAK, NO_TRACK, OUTSIDE_SECTOR, HELD_BY_RULES, NO_TIME, NOT_IDENTIFIED, NOT_READY, NO_CHANNEL, NO_ROUNDS,
 MISSED) = range(12)  # fmt: skip

# Columns of Outcomes.counts
COUNTS = (
    "launched", "would_fail", "failed", "tracked", "engaged", "killed", "leakers", "impacts", "releases", "hits",
    "threatening", "threatening_leakers", "rounds_fired", "decoys", "decoys_engaged", "rounds_at_decoys",
    "friendly", "friendly_engaged", "friendly_killed", "civil", "civil_engaged", "civil_killed", "rounds_at_others",
)  # fmt: skip
(LAUNCHED, WOULD_FAIL, FAILED, TRACKED, ENGAGED, KILLED, LEAKERS, IMPACTS, RELEASES, HITS,
 THREATENING, THREATENING_LEAKERS, ROUNDS_FIRED, DECOYS, DECOYS_ENGAGED, ROUNDS_AT_DECOYS,
 FRIENDLIES, FRIENDLY_ENGAGED, FRIENDLY_KILLED, CIVILS, CIVIL_ENGAGED, CIVIL_KILLED, ROUNDS_AT_OTHERS) = range(23)  # fmt: skip


class Outcomes(NamedTuple):
    """The results of trials, one row per trial."""

    counts: npt.NDArray[np.int32]
    causes: npt.NDArray[np.int32]
    asset_impacts: npt.NDArray[np.int32]
    asset_hits: npt.NDArray[np.int32]
    rounds: npt.NDArray[np.int32]
    value_lost: Floats


EVENT = np.dtype([
    ("tick", "i8"), ("kind", "i8"), ("threat", "i8"), ("network", "i8"), ("unit", "i8"), ("magazine", "i8"), ("value", "f8"),
])  # fmt: skip

EVENTS = ("launched", "track", "assigned", "released", "missile_launch", "intercept", "assessed_killed", "assessed_alive",
          "failed", "killed", "impact", "release", "hit", "cause", "expended", "waits", "identified")  # fmt: skip
(EV_LAUNCHED, EV_TRACK, EV_ASSIGNED, EV_RELEASED, EV_MISSILE, EV_INTERCEPT, EV_JUDGED_KILLED, EV_JUDGED_ALIVE,
 EV_FAILED, EV_KILLED, EV_IMPACT, EV_RELEASE, EV_HIT, EV_CAUSE, EV_EXPENDED, EV_WAITS, EV_IDENTIFIED) = range(17)  # fmt: skip

# EVENT.value of EV_WAITS: what the unit is short of, that its radar looks elsewhere, or that it is not ready yet. Without rounds, or if it
# is not up in this trial, it is not waited for.
(SHORT_OF_CHANNELS, SHORT_OF_GUIDANCE, LOOKS_ELSEWHERE, SHORT_OF_ROUNDS, WITHOUT_ROUNDS, RELOADING, NOT_READY_YET, NOT_UP) = (
    range(8)
)
# EVENT.value of EV_RELEASED: why. The salvo was assessed; or none was launched, as the target was gone, was not locked before the window
# closed, no launcher was free before that, or the radar, which turns for nothing else meanwhile, would not face it to the end.
ASSESSED, TARGET_GONE, NOT_LOCKED, NO_LAUNCHER, LOOKS_AWAY = range(5)
