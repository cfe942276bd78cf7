"""The best assignment of threats to the free channels of units: an exact linear assignment, or greedy.

A unit has as many equal slots as it has channels free: the matrix of values has one column per unit, and the problem one per slot.
Shortest augmenting paths with dual variables (Kuhn 1955, Munkres 1957; Jonker and Volgenant 1987): O(n² m) for n ≤ m rows and columns.
"""

from typing import NamedTuple

import numpy as np

from closedsky.engine.layout import Floats, Records
from closedsky.physics.jit import part, stage

ROW = np.dtype([
    ("unit_of_slot", "i8"), ("match", "i8"),
    ("row_dual", "f8"), ("column_dual", "f8"), ("least", "f8"), ("row_of", "i8"), ("way", "i8"), ("used", "i8"),
])  # fmt: skip
"""`unit_of_slot` slot by slot and `match`, a unit or -1, job by job; the rest is what a matching needs while it is made."""


class Workspace(NamedTuple):
    """Arrays for matching, allocated once for the most jobs and slots that there can be.

    values  job × unit: the value of an assignment; not above 0 where there is none
    rows    ROW
    """

    values: Floats
    rows: Records


def workspace(jobs: int, units: int, slots: int) -> Workspace:
    """Space for so many jobs, units, and slots of all units together."""
    return Workspace(np.zeros((jobs, units)), np.zeros(max(jobs, slots) + 1, ROW))


@part
def _value(space: Workspace, turned: bool, row: int, column: int) -> float:
    """Value of a row and a column, counted from 1; rows are jobs and columns slots, or the other way round if `turned`."""
    job, slot = (column - 1, row - 1) if turned else (row - 1, column - 1)
    return float(max(space.values[job, space.rows[slot]["unit_of_slot"]], 0.0))


@stage
def best_matching(space: Workspace, jobs: int, slots: int) -> None:
    """The assignment of the first `jobs` to the first `slots` of greatest total value, into `space.match`."""
    for i in range(jobs):
        space.rows[i]["match"] = -1
    turned = jobs > slots
    rows, columns = (slots, jobs) if turned else (jobs, slots)
    for c in range(columns + 1):
        space.rows[c]["column_dual"], space.rows[c]["row_of"] = 0.0, 0
    for r in range(rows + 1):
        space.rows[r]["row_dual"] = 0.0
    for r in range(1, rows + 1):
        _augment(space, turned, r, columns)
    for c in range(1, columns + 1):
        r = space.rows[c]["row_of"]
        if r > 0:
            job, slot = (c - 1, r - 1) if turned else (r - 1, c - 1)
            if space.values[job, space.rows[slot]["unit_of_slot"]] > 0.0:
                space.rows[job]["match"] = space.rows[slot]["unit_of_slot"]


@part
def _augment(space: Workspace, turned: bool, row: int, columns: int) -> None:
    """Give row `row` a column along the shortest path of reassignments; column 0 stands for none."""
    for c in range(columns + 1):
        space.rows[c]["least"], space.rows[c]["used"] = np.inf, 0
    space.rows[0]["row_of"] = row
    column = 0
    while space.rows[column]["row_of"] != 0:
        space.rows[column]["used"] = 1
        here, step, following = space.rows[column]["row_of"], np.inf, 0
        for c in range(1, columns + 1):
            if space.rows[c]["used"]:
                continue
            cost = -_value(space, turned, here, c) - space.rows[here]["row_dual"] - space.rows[c]["column_dual"]
            if cost < space.rows[c]["least"]:
                space.rows[c]["least"], space.rows[c]["way"] = cost, column
            if space.rows[c]["least"] < step:
                step, following = space.rows[c]["least"], c
        for c in range(columns + 1):
            if space.rows[c]["used"]:
                space.rows[space.rows[c]["row_of"]]["row_dual"] += step
                space.rows[c]["column_dual"] -= step
            else:
                space.rows[c]["least"] -= step
        column = following
    while column != 0:
        before = space.rows[column]["way"]
        space.rows[column]["row_of"] = space.rows[before]["row_of"]
        column = before


@stage
def greedy_matching(space: Workspace, jobs: int, slots: int) -> None:
    """The most valuable assignment, then the most valuable of the rest, and so on, into `space.match`; of equal ones the first."""
    for i in range(jobs):
        space.rows[i]["match"] = -1
    for c in range(slots):
        space.rows[c]["used"] = 0
    while True:
        job, slot, most = -1, -1, 0.0
        for c in range(slots):
            if space.rows[c]["used"] or (
                c > 0 and not space.rows[c - 1]["used"] and space.rows[c]["unit_of_slot"] == space.rows[c - 1]["unit_of_slot"]
            ):
                continue
            for i in range(jobs):
                if space.rows[i]["match"] < 0 and space.values[i, space.rows[c]["unit_of_slot"]] > most:
                    job, slot, most = i, c, space.values[i, space.rows[c]["unit_of_slot"]]
        if job < 0:
            return
        space.rows[job]["match"] = space.rows[slot]["unit_of_slot"]
        space.rows[slot]["used"] = 1
