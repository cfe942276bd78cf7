"""Every broken file in `broken/` has one fault, told with its line, its field, and a way to mend it.

The first line of a file says what is expected: `# expect: LINE: FIELD | part of what is wrong | part of how to mend it`.
"""

import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

import closedsky
from closedsky.cli import app as cli
from closedsky.errors import ScenarioError

FOLDER = Path(__file__).parent / "broken"
FILES = sorted(FOLDER.glob("*.yaml"))
SEVERAL = Path(__file__).parent / "several-faults.yaml"


class Expected(NamedTuple):
    line: int
    field: str
    what: str
    fix: str


def expected(line: str) -> Expected:
    place, what, fix = (part.strip() for part in line.removeprefix("# expect:").split("|"))
    number, _, field = place.partition(":")
    return Expected(int(number), field.strip(), what, fix)


def of_file(path: Path) -> Expected:
    return expected(path.read_text(encoding="utf-8").splitlines()[0])


def test_there_are_enough_of_them() -> None:
    assert len(FILES) >= 30


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_one_fault_is_told_once_with_its_place_and_its_cure(path: Path) -> None:
    want = of_file(path)
    with pytest.raises(ScenarioError) as caught:
        closedsky.check(path)
    assert len(caught.value.faults) == 1, str(caught.value)
    (fault,) = caught.value.faults
    assert fault.where == f"{path}:{want.line}" + (f": {want.field}" if want.field else "")
    assert want.what in fault.what
    assert want.fix in fault.fix


JARGON = re.compile(
    r"pydantic|Input should|Value error|ValidationError|Field required|<class"
    r"|\b(dict|tuple|None|NoneType)\b|\bvalid (integer|number|boolean|string|list|dictionary)"
)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_messages_are_for_people(path: Path) -> None:
    """No words of the library that validates and no types of Python; short enough to read; a cure that says what to do."""
    with pytest.raises(ScenarioError) as caught:
        closedsky.check(path)
    (fault,) = caught.value.faults
    for text in (fault.what, fault.fix):
        assert text.strip() == text != ""
        assert len(text) < 300
        assert "\n" not in text
        assert not JARGON.search(text)
    assert not fault.fix.startswith("see 'closedsky schema")


def all_told(path: Path, stderr: str) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    for want in (expected(line) for line in lines if line.startswith("# expect:")):
        assert f"{path}:{want.line}" in stderr
        assert want.what in stderr
        assert want.fix in stderr


@pytest.mark.parametrize("path", [*FILES, SEVERAL], ids=lambda path: path.stem)
@pytest.mark.parametrize("command", ["check", "run"])
def test_the_command_line_refuses_with_2(
    path: Path, command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["closedsky", command, str(path)])
    with pytest.raises(SystemExit) as done:
        cli.main()
    captured = capsys.readouterr()
    assert done.value.code == 2
    assert captured.out == ""
    all_told(path, captured.err)


@pytest.mark.parametrize("path", [FOLDER / "syntax.yaml", FOLDER / "unknown-system.yaml", SEVERAL], ids=lambda path: path.stem)
def test_a_process_of_its_own_leaves_no_traceback(path: Path) -> None:
    done = subprocess.run([sys.executable, "-m", "closedsky", "check", str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    all_told(path, done.stderr)


def test_several_faults_are_told_at_once() -> None:
    wanted = [expected(line) for line in SEVERAL.read_text(encoding="utf-8").splitlines() if line.startswith("# expect:")]
    with pytest.raises(ScenarioError) as caught:
        closedsky.check(SEVERAL)
    found = {fault.where: fault for fault in caught.value.faults}
    assert set(found) == {f"{SEVERAL}:{want.line}: {want.field}" for want in wanted}
    for want in wanted:
        fault = found[f"{SEVERAL}:{want.line}: {want.field}"]
        assert want.what in fault.what
        assert want.fix in fault.fix
