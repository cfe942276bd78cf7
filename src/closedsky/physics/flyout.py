"""How long a missile takes to a point."""

from closedsky.physics.jit import kernel


@kernel
def time_of_flight_s(distance_m: float, mean_speed_mps: float) -> float:
    """Time of flight to a straight-line distance (m) at the published mean speed (m/s): t = d / v.

    A mean speed holds over the range it is published for; short shots are in truth slower (the boost) and long ones too (drag).
    """
    return distance_m / mean_speed_mps
