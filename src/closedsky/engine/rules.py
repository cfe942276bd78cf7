"""The rule of engagement in figures: when a unit is ready, and how long a salvo keeps it busy. In ticks or in seconds, as they are given.

A unit takes up a threat when it has the track, a channel, and the threat is in no other's hands; after its reaction, which it needs once
for a threat that is new to it, it launches a salvo, whose launches are an interval apart. Until the last round is assessed, channel and
threat are busy with each other. Trials, opportunities by rule and sweeps along lines keep to the same rule.
"""

from typing import TypeVar

from closedsky.physics.jit import part

Time = TypeVar("Time", int, float)


@part
def ready_at(free: Time, again: bool, reaction: Time) -> Time:
    """When a unit can launch at a threat that both are `free` for: a reaction later, or at once `again` at one it has just shot at."""
    return free if again else free + reaction


@part
def launchers_free_at(launch: Time, rounds: int, interval: Time) -> Time:
    """When a unit can launch the next salvo after one that began at `launch`."""
    return launch + rounds * interval


@part
def busy_until(meet: Time, rounds: int, interval: Time, assessment: Time) -> Time:
    """Until when a salvo keeps its channel and its threat, the first of its rounds meeting the threat at `meet`."""
    return meet + (rounds - 1) * interval + assessment


@part
def channels_for(channels: int, missiles_guided: int, salvo: int) -> int:
    """Threats that a unit can have salvos in the air at, at once: as many as it has channels and can guide rounds for, one at least."""
    return max(min(channels, missiles_guided // salvo), 1)
