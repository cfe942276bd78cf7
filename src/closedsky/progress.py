"""Progress callback of long computations."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called with the current task, the amount done and the total."""
