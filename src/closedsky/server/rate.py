"""Rate limits: two token buckets per address, in a bounded store."""

import ipaddress
from collections import OrderedDict
from collections.abc import Callable
from time import monotonic

MOST_CLIENTS = 1024
LIGHT = (300.0, 1500.0)
"""Files and tiles: requests per second, and burst; opening a globe takes some hundreds."""
HEAVY = (30.0, 120.0)
"""The same for requests that need computing: above what dragging over a small map needs."""


class Rates:
    """Buckets by client, for the most recent clients."""

    def __init__(
        self,
        light: tuple[float, float] = LIGHT,
        heavy: tuple[float, float] = HEAVY,
        most: int = MOST_CLIENTS,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._buckets, self._most, self._clock = {False: light, True: heavy}, most, clock
        self._left: OrderedDict[tuple[str, bool], tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._left)

    def wait_s(self, client: str, heavy: bool) -> float:
        """Take a token of a client and return 0; or return the seconds until there is one."""
        rate, burst = self._buckets[heavy]
        key, now = (_whose(client), heavy), self._clock()
        left, since = self._left.pop(key, (burst, now))
        left = min(burst, left + rate * (now - since))
        allowed = left >= 1.0
        self._left[key] = (left - 1.0 if allowed else left, now)
        while len(self._left) > self._most:
            self._left.popitem(last=False)
        return 0.0 if allowed else (1.0 - left) / rate


def _whose(client: str) -> str:
    """The client's address; for IPv6 its 64-bit prefix, which belongs to one household."""
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return client
    return client if address.version == 4 else str(ipaddress.ip_network((address, 64), strict=False))
