"""The committed page is the one that the tests give. That each row is what its test gives, the fixture `agrees` itself asserts."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.validation.book import COMMITTED, PARTS, compare, read, shown
from tests.validation.page import page

ROOT = Path(__file__).resolve().parents[2]
PLAIN = {"part": "horizon", "authority": "a", "quantity": "q", "source": "s", "theirs": 100.0, "second": ("b", 100.0)}


def test_the_page_is_that_of_its_rows() -> None:
    assert COMMITTED.with_suffix(".md").read_text(encoding="utf-8") == page(read(COMMITTED)), "make docs"


def test_every_part_has_its_rows() -> None:
    assert [part for part in PARTS if not any(row.part == part for row in read(COMMITTED))] == []


def test_the_rows_are_those_of_the_tests_there_are() -> None:
    """A test that is gone, or that was never written down."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--collect-only",
        "-q",
        "-n",
        "0",
        "-p",
        "no:cacheprovider",
        "--validation",
        "unwritten.md",
    ]
    files = [str(file) for file in sorted((ROOT / "tests").rglob("test_*.py")) if "agrees" in file.read_text(encoding="utf-8")]
    done = subprocess.run([*command, "--no-header", *files], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    there = {line for line in done.stdout.splitlines() if "::" in line}
    assert {row.test for row in read(COMMITTED)} == there, "make docs"
    assert not (ROOT / "unwritten.md").exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"ours": 101.1, "tolerance": 1.0},
        {"ours": 100.0, "tolerance": 1.0, "second": ("b", 98.9)},
        {"ours": 100.9, "tolerance": 1.0, "second": ("b", 99.5)},
        {"ours": 102.1, "tolerance": 0.02, "kind": "relative"},
        {"ours": 102.1, "tolerance": 4.0, "kind": "standard errors", "standard_error": 0.5},
        {"ours": 100.0, "tolerance": 0.0},
        {"ours": float("nan"), "tolerance": 1.0},
        {"ours": 100.0, "tolerance": 1.0, "second": ("b", 100.2), "second_within": 0.1},
        {"ours": 100.0, "tolerance": 1.0, "part": "unheard of"},
    ],
)
def test_what_does_not_agree_fails(wrong: dict[str, object]) -> None:
    with pytest.raises(AssertionError):
        compare("t", **PLAIN | wrong)


def test_a_row_forgives_its_last_digit_and_no_more() -> None:
    first, near, far = (compare("t", ours=100.0 + off, tolerance=1.0, **PLAIN) for off in (0.301, 0.309, 0.331))
    assert first.like(near)
    assert not first.like(far)


@pytest.mark.parametrize(
    ("value", "step", "text"),
    [(41056.567, 0.005, "41056.567"), (1 / 3, 1e-14, "0.333333333"), (0.8, 1e-6, "0.8"), (-3e-15, 1e-14, "0"), (1.5e-7, 1e-9, "1.50e-07"),
     (219960.0, 0.05, "219960"), (-0.0123, 0.01, "-0.01")],
)  # fmt: skip
def test_numbers_to_the_digit_that_counts(value: float, step: float, text: str) -> None:
    assert shown(value, step) == text
