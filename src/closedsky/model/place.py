"""Places on the Earth, as scenarios give them."""

from typing import Annotated

from pydantic import AfterValidator

from closedsky.model.ranged import OR_NEAR


def _on_earth(at: tuple[float, float]) -> tuple[float, float]:
    if not -90.0 <= at[0] <= 90.0:
        raise ValueError(f"latitude {at[0]:g} is not between -90 and 90 (write [latitude, longitude] in degrees)")
    if not -180.0 <= at[1] <= 180.0:
        raise ValueError(f"longitude {at[1]:g} is not between -180 and 180 (write [latitude, longitude] in degrees)")
    return at


LatLon = Annotated[tuple[float, float], AfterValidator(_on_earth)]
"""[latitude, longitude] in degrees, WGS84."""

Place = Annotated[LatLon, OR_NEAR]
"""The same, or {at, within_m}: anywhere within that distance."""
