"""Engagement timing: when a unit is ready to launch, and how long a salvo occupies it; in ticks or in seconds, as given.

A unit engages a threat when it has the track and a free channel and no other unit is engaging the threat. After its reaction time, which
applies once per threat new to the unit, it launches a salvo with a fixed interval between launches. Channel and threat stay occupied until
the last round is assessed. Trials, opportunities by rule and line sweeps share these rules.
"""

from typing import TypeVar

from closedsky.physics.jit import part

Time = TypeVar("Time", int, float)


@part
def ready_at(free: Time, again: bool, reaction: Time) -> Time:
    """Earliest launch when channel and threat are free at `free`: a reaction time later, or at once if the unit engages it `again`."""
    return free if again else free + reaction


@part
def launchers_free_at(launch: Time, rounds: int, interval: Time) -> Time:
    """Earliest launch of the next salvo after one of `rounds` that began at `launch`."""
    return launch + rounds * interval


@part
def busy_until(meet: Time, rounds: int, interval: Time, assessment: Time) -> Time:
    """Time until which a salvo with its first intercept at `meet` occupies its channel and its threat."""
    return meet + (rounds - 1) * interval + assessment


@part
def channels_for(channels: int, missiles_guided: int, salvo: int) -> int:
    """Number of threats that a unit can engage at once, limited by channels and by missiles guided; at least one."""
    return max(min(channels, missiles_guided // salvo), 1)
