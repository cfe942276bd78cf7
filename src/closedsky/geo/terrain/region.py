"""A region of the world as a box of longitudes and latitudes, which may cross the antimeridian."""

from collections.abc import Iterable
from typing import NamedTuple

from closedsky.errors import Fault, RequestError


class Region(NamedTuple):
    """A box in degrees. West lies from -180 to 180 and east beyond it, up to one turn: 170 to 190 is a box across the antimeridian."""

    west: float
    south: float
    east: float
    north: float

    def grown(self, lat_deg: float, lon_deg: float) -> "Region":
        """The box with a margin on every side, limited to the poles and to one turn."""
        spare = max(0.0, 360.0 - (self.east - self.west))
        sideways = min(lon_deg, 0.5 * spare)
        return turned(
            self.west - sideways, max(-90.0, self.south - lat_deg), self.east + sideways, min(90.0, self.north + lat_deg)
        )

    def holds(self, lat_deg: float, lon_deg: float) -> bool:
        """Whether a place lies in the box, edges included."""
        return self.south <= lat_deg <= self.north and (lon_deg - self.west) % 360.0 <= self.east - self.west

    def __str__(self) -> str:
        """In the form of `--region`."""
        east = self.east - 360.0 if self.east > 180.0 else self.east
        return ",".join(f"{round(edge, 4) + 0.0:g}" for edge in (self.west, self.south, east, self.north))


def turned(west: float, south: float, east: float, north: float) -> Region:
    """A box whose west is shifted to -180 up to 180."""
    whole_turns = 360.0 * ((west + 180.0) // 360.0)
    return Region(west - whole_turns, south, east - whole_turns, north)


def around(boxes: Iterable[tuple[float, float, float, float]]) -> Region:
    """The smallest box around boxes (west, south, east, north) of any turn: it leaves out the widest gap of longitude between them."""
    every = [turned(*box) for box in boxes]
    south, north = min(box.south for box in every), max(box.north for box in every)
    arcs = sorted((box.west, box.east) for box in every)
    merged = [arcs[0]]
    for west, east in arcs[1:]:
        if west <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], east))
        else:
            merged.append((west, east))
    starts = [*(west for west, _ in merged[1:]), merged[0][0] + 360.0]
    gap, after = max((start - east, i) for i, (start, (_, east)) in enumerate(zip(starts, merged, strict=True)))
    if gap <= 0.0:
        return Region(-180.0, south, 180.0, north)
    west = starts[after]
    return turned(west, south, west + 360.0 - gap, north)


def numbers(text: str) -> list[float]:
    """Numbers separated by commas, as people write them: Python would also take 4_0 for 40. Raises ValueError."""
    if "_" in text or not text.isascii():
        raise ValueError(text)
    return [float(part) for part in text.split(",")]


def parse(text: str) -> Region:
    """A box given as W,S,E,N in degrees; west greater than east is a box across the antimeridian."""
    try:
        west, south, east, north = numbers(text)
    except ValueError:
        raise _fault(f"'{text}' is not a region", "write W,S,E,N in degrees, such as 38.7,29,48.7,37.4") from None
    if not (-90.0 <= south < north <= 90.0):
        raise _fault(f"latitudes {south:g} to {north:g}", "write W,S,E,N with S below N, from -90 to 90")
    span = east - west if east > west else east + 360.0 - west
    if not (-180.0 <= west <= 180.0 and -180.0 <= east <= 360.0 and 0.0 < span <= 360.0):
        raise _fault(f"longitudes {west:g} to {east:g}", "write W,S,E,N with W and E from -180 to 180")
    return turned(west, south, west + span, north)


def _fault(what: str, fix: str) -> RequestError:
    return RequestError(Fault(what, "--region", fix))
