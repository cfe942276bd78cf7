"""The best assignment of threats to the free channels of units: an exact linear assignment, or greedy.

A unit has as many equal slots as it has channels free: the matrix of values has one column per unit, and the problem one per slot.
Shortest augmenting paths with dual variables (Kuhn 1955, Munkres 1957; Jonker and Volgenant 1987): O(n² m) for n ≤ m rows and columns.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from closedsky.engine.layout import Floats, Ints
from closedsky.physics.jit import part, stage


class Workspace(NamedTuple):
    """Arrays for matching, allocated once for the most jobs and slots that there can be.

    values        job × unit: the value of an assignment; not above 0 where there is none
    unit_of_slot  slot: its unit
    match         job: its unit, or -1
    and the rest  what a matching needs while it is made
    """

    values: Floats
    unit_of_slot: Ints
    match: Ints
    row_dual: Floats
    column_dual: Floats
    least: Floats
    row_of: Ints
    way: Ints
    used: npt.NDArray[np.bool_]


def workspace(jobs: int, units: int, slots: int) -> Workspace:
    """Space for so many jobs, units, and slots of all units together."""
    most = max(jobs, slots) + 1
    return Workspace(
        np.zeros((jobs, units)), np.zeros(slots, np.int64), np.zeros(jobs, np.int64), np.zeros(most), np.zeros(most), np.zeros(most),
        np.zeros(most, np.int64), np.zeros(most, np.int64), np.zeros(most, np.bool_),
    )  # fmt: skip


@part
def _value(space: Workspace, turned: bool, row: int, column: int) -> float:
    """Value of a row and a column, counted from 1; rows are jobs and columns slots, or the other way round if `turned`."""
    job, slot = (column - 1, row - 1) if turned else (row - 1, column - 1)
    return float(max(space.values[job, space.unit_of_slot[slot]], 0.0))


@stage
def best_matching(space: Workspace, jobs: int, slots: int) -> None:
    """The assignment of the first `jobs` to the first `slots` of greatest total value, into `space.match`."""
    for i in range(jobs):
        space.match[i] = -1
    turned = jobs > slots
    rows, columns = (slots, jobs) if turned else (jobs, slots)
    for c in range(columns + 1):
        space.column_dual[c], space.row_of[c] = 0.0, 0
    for r in range(rows + 1):
        space.row_dual[r] = 0.0
    for r in range(1, rows + 1):
        _augment(space, turned, r, columns)
    for c in range(1, columns + 1):
        r = space.row_of[c]
        if r > 0:
            job, slot = (c - 1, r - 1) if turned else (r - 1, c - 1)
            if space.values[job, space.unit_of_slot[slot]] > 0.0:
                space.match[job] = space.unit_of_slot[slot]


@part
def _augment(space: Workspace, turned: bool, row: int, columns: int) -> None:
    """Give row `row` a column along the shortest path of reassignments; column 0 stands for none."""
    for c in range(columns + 1):
        space.least[c], space.used[c] = np.inf, False
    space.row_of[0] = row
    column = 0
    while space.row_of[column] != 0:
        space.used[column] = True
        here, step, following = space.row_of[column], np.inf, 0
        for c in range(1, columns + 1):
            if space.used[c]:
                continue
            cost = -_value(space, turned, here, c) - space.row_dual[here] - space.column_dual[c]
            if cost < space.least[c]:
                space.least[c], space.way[c] = cost, column
            if space.least[c] < step:
                step, following = space.least[c], c
        for c in range(columns + 1):
            if space.used[c]:
                space.row_dual[space.row_of[c]] += step
                space.column_dual[c] -= step
            else:
                space.least[c] -= step
        column = following
    while column != 0:
        before = space.way[column]
        space.row_of[column] = space.row_of[before]
        column = before


@stage
def greedy_matching(space: Workspace, jobs: int, slots: int) -> None:
    """The most valuable assignment, then the most valuable of the rest, and so on, into `space.match`; of equal ones the first."""
    for i in range(jobs):
        space.match[i] = -1
    for c in range(slots):
        space.used[c] = False
    while True:
        job, slot, most = -1, -1, 0.0
        for c in range(slots):
            if space.used[c] or (c > 0 and not space.used[c - 1] and space.unit_of_slot[c] == space.unit_of_slot[c - 1]):
                continue
            for i in range(jobs):
                if space.match[i] < 0 and space.values[i, space.unit_of_slot[c]] > most:
                    job, slot, most = i, c, space.values[i, space.unit_of_slot[c]]
        if job < 0:
            return
        space.match[job] = space.unit_of_slot[slot]
        space.used[slot] = True
