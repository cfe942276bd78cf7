"""A cache of intermediate results, bounded in bytes; the least recently used entries are dropped first."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from dataclasses import is_dataclass
from itertools import count
from threading import Lock
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from closedsky.geo.terrain import Terrain

T = TypeVar("T")
Array = npt.NDArray[Any]

_SMALL_NODES = 64
_ENTRY_BYTES = 1_000
"""Bytes charged for an entry besides its arrays, so that entries without arrays are bounded too."""
_numbers: "WeakKeyDictionary[Terrain, int]" = WeakKeyDictionary()
_next_number = count()


class Kept:
    """A least-recently-used cache; a key names everything that its value depends on.

    Entries are dropped when their arrays exceed `most_bytes` together; the newest always stays. An array that several values hold counts
    once. Cached values must not be changed: to change a value, `take` it first.
    """

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes, self.held_bytes = most_bytes, 0
        self._values: OrderedDict[Hashable, tuple[Any, dict[int, int]]] = OrderedDict()
        self._holders: dict[int, int] = {}
        self._lock = Lock()

    def get(self, key: Hashable) -> Any:
        """The value of a key; None if there is none."""
        with self._lock:
            if key not in self._values:
                return None
            self._values.move_to_end(key)
            return self._values[key][0]

    def take(self, key: Hashable) -> Any:
        """Remove the value of a key and return it; None if there is none."""
        with self._lock:
            return self._drop(key) if key in self._values else None

    def put(self, key: Hashable, value: T, arrays: Any = None) -> T:
        """Store a value and return it. Its size is that of its arrays, or of `arrays` if its other arrays are held elsewhere anyway."""
        sizes = {id(root): root.nbytes for root in _roots(value if arrays is None else arrays)}
        with self._lock:
            if key in self._values:
                self._drop(key)
            self._values[key] = value, sizes
            self.held_bytes += _ENTRY_BYTES
            for root, size in sizes.items():
                self._holders[root] = self._holders.get(root, 0) + 1
                self.held_bytes += size if self._holders[root] == 1 else 0
            while self.held_bytes > self.most_bytes and len(self._values) > 1:
                self._drop(next(iter(self._values)))
        return value

    def forget(self, unwanted: Callable[[Any], bool]) -> None:
        """Drop the values for which `unwanted` is true."""
        with self._lock:
            for key in [key for key, (value, _) in self._values.items() if unwanted(value)]:
                self._drop(key)

    def made(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value of a key, made and stored if there is none."""
        found: T | None = self.get(key)
        return self.put(key, make()) if found is None else found

    def _drop(self, key: Hashable) -> Any:
        value, sizes = self._values.pop(key)
        self.held_bytes -= _ENTRY_BYTES
        for root, size in sizes.items():
            self._holders[root] -= 1
            if self._holders[root] == 0:
                del self._holders[root]
                self.held_bytes -= size
        return value


def _roots(value: Any) -> Iterator[Array]:
    """The arrays that own the memory of a value made of tuples, lists, mappings and dataclasses."""
    if isinstance(value, np.ndarray):
        while isinstance(value.base, np.ndarray):
            value = value.base
        yield value
    elif isinstance(value, Terrain | Kept):
        return  # held and bounded by the cache of terrains
    elif isinstance(value, tuple | list):
        for part in value:
            yield from _roots(part)
    elif isinstance(value, dict):
        yield from _roots(list(value.values()))
    elif is_dataclass(value):
        yield from _roots(list(vars(value).values()))


def number_of(terrain: Terrain) -> Hashable:
    """The key of a terrain: a number unique during its lifetime; for a flat terrain, which is made anew on each read, its content."""
    if terrain.grid.size <= _SMALL_NODES:
        return terrain.grid.tobytes(), terrain.grid.shape, terrain.north_rad, terrain.west_rad
    return _numbers.setdefault(terrain, next(_next_number))
