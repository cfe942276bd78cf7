"""The house is as ARCHITECTURE.md says it is, and the repository says nothing about where packages are fetched from."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "closedsky"
LOCKS = ("requirements.lock", "requirements-dev.lock")

# Written in pieces, so that this file is not one of those it looks for.
REGISTRIES = tuple(
    "".join(parts)
    for parts in (
        ("py", "pi", ".org"),
        ("python", "hosted", ".org"),
        ("registry.", "npm", "js.org"),
        ("registry.", "yarn", "pkg.com"),
        ("conda.", "ana", "conda.org"),
        ("deb.", "deb", "ian.org"),
        ("cra", "tes", ".io"),
    )
)


def test_import_contracts_hold() -> None:
    """The wall and the layers, as pyproject.toml states them."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--no-logo"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_package_has_an_order_that_leaves_no_module_out() -> None:
    """A package of several modules is held to layers, all of its modules; so every module of closedsky is under a contract."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    ordered = {container for one in contracts if one["type"] == "layers" and one["exhaustive"] for container in one["containers"]}
    several = {
        ".".join(("closedsky", *init.parent.relative_to(PACKAGE).parts))
        for init in PACKAGE.rglob("__init__.py")
        if len([*init.parent.glob("*.py"), *init.parent.glob("*/__init__.py")]) > 2
    }
    assert "closedsky.geo.terrain" in several
    assert several - ordered == set()


# ------------------------------------------------------------------------------------------------------------ ARCHITECTURE.md
def rooms() -> dict[str, list[str]]:
    """Room -> the names in backticks that its row gives as what is inside it."""
    table: dict[str, list[str]] = {}
    for line in (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and (room := re.fullmatch(r"`([\w./]+)`", cells[0])):
            table[room[1]] = re.findall(r"`([^`]+)`", cells[1])
    return table


def test_the_table_of_rooms_is_read() -> None:
    assert {"errors.py", "model/", "engine/", "api.py"} <= rooms().keys()


@pytest.mark.parametrize("room", rooms())
def test_room_and_what_it_holds_exist(room: str) -> None:
    place = PACKAGE / room
    if room.endswith(".py"):
        assert place.is_file(), f"ARCHITECTURE.md names {room}, which does not exist"
        missing = [name for name in rooms()[room] if name not in defined_in(place)]
    else:
        assert (place / "__init__.py").is_file(), f"ARCHITECTURE.md names {room}, which is no package"
        missing = [name for name in rooms()[room] if not (place / name).exists() and not (place / f"{name}.py").exists()]
    assert not missing, f"ARCHITECTURE.md says that {room} holds {', '.join(missing)}"


def test_what_is_where_is_there() -> None:
    """Wherever a file of the package is named with names after it, that file defines them: functions, classes, methods, values."""
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    wrong, seen = [], 0
    for file, after in re.findall(r"`((?:\w+/)+\w+\.py)`((?:,? `[\w.]+`)*)", text):
        place = ROOT / file if (ROOT / file).exists() else PACKAGE / file
        if not place.is_file():
            wrong.append(file)
            continue
        for name in re.findall(r"`([\w.]+)`", after):
            seen += 1
            if name not in defined_in(place):
                wrong.append(f"{file} {name}")
    assert seen > 20
    assert not wrong, f"ARCHITECTURE.md says what is not so: {', '.join(wrong)}"


def defined_in(source: Path) -> set[str]:
    """What a module defines at its top level, and the methods of its classes as Class.method."""
    names: set[str] = set()
    for node in ast.parse(source.read_text(encoding="utf-8")).body:
        match node:
            case ast.ClassDef():
                names.add(node.name)
                names.update(f"{node.name}.{part.name}" for part in node.body if isinstance(part, ast.FunctionDef))
            case ast.FunctionDef():
                names.add(node.name)
            case ast.Assign():
                names.update(target.id for target in node.targets if isinstance(target, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                names.add(name)
    return names


def test_every_module_of_a_room_is_named_in_its_row() -> None:
    """Where a row says what is inside, it leaves no module out; those of data and of the command line have no row of their own."""
    missing = [
        f"{room}{module.stem}"
        for room, names in rooms().items()
        if room.endswith("/") and room not in ("model/", "cli/") and names
        for module in (PACKAGE / room).glob("*.py")
        if module.stem not in names and not module.stem.startswith("__")
    ]
    assert not missing, f"ARCHITECTURE.md does not say what {', '.join(sorted(missing))} is for"


def test_every_room_is_in_the_table() -> None:
    packages = {f"{init.parent.name}/" for init in PACKAGE.glob("*/__init__.py")}
    modules = {source.name for source in PACKAGE.glob("*.py")} - {"__init__.py", "__main__.py"}
    unnamed = (packages | modules) - rooms().keys()
    assert not unnamed, f"ARCHITECTURE.md does not say what {', '.join(sorted(unnamed))} is for"


# ------------------------------------------------------------------------------------------------------- files of the repository
def files_of_the_repository() -> list[Path]:
    """What git tracks, and what it would track if it were added."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def test_no_file_names_a_registry() -> None:
    """Where packages come from is the affair of whoever installs them."""
    files = files_of_the_repository()
    assert ROOT / "pyproject.toml" in files
    found = [
        f"{path.relative_to(ROOT)}: {host}"
        for path in files
        for content in (path.read_bytes(),)
        for host in REGISTRIES
        if re.search(rb"(?<![\w-])" + re.escape(host.encode()) + rb"(?![\w-])", content)
    ]
    assert not found, "\n".join(found)


def pins(lock: str) -> dict[str, list[str]]:
    """Pinned requirement -> its hashes."""
    table: dict[str, list[str]] = {}
    text = (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", " ")
    for line in text.splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            requirement, *hashes = line.split("--hash=")
            table[" ".join(requirement.split())] = [value.strip() for value in hashes]
    return table


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_is_pinned_and_hashed(lock: str) -> None:
    table = pins(lock)
    assert table
    for requirement, hashes in table.items():
        assert re.match(r"^[a-z0-9.-]+==\S+", requirement), f"{lock}: {requirement} is not a pin"
        assert hashes, f"{lock}: {requirement} has no hash"
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", value) for value in hashes), f"{lock}: {requirement}"


def test_dev_lock_holds_the_versions_of_the_lock() -> None:
    user, developer = pins(LOCKS[0]), pins(LOCKS[1])
    strangers = user.keys() - developer.keys()
    assert not strangers, f"make lock: {LOCKS[1]} disagrees about {', '.join(sorted(strangers))}"


def test_locks_cover_pyproject() -> None:
    """A dependency added to pyproject.toml and forgotten in the locks."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"]["optional-dependencies"]
    asked = [*project["project"]["dependencies"], *project["build-system"]["requires"], *chain.from_iterable(extras.values())]
    groups = [entry for group in project["dependency-groups"].values() for entry in group if isinstance(entry, str)]
    for lock, wanted in zip(LOCKS, (asked, asked + groups), strict=True):
        locked = {canonicalize_name(Requirement(line).name): Requirement(line) for line in pins(lock)}
        for line in wanted:
            requirement = Requirement(line)
            if (name := canonicalize_name(requirement.name)) == "closedsky":
                continue
            assert name in locked, f"make lock: {lock} lacks {name}"
            version = next(iter(locked[name].specifier)).version
            assert requirement.specifier.contains(version), f"make lock: {lock} has {name} {version}, not {requirement}"


def test_the_lock_of_the_globe_names_no_address() -> None:
    """globe/.npmrc keeps addresses out of package-lock.json; a hash stands for each package instead."""
    assert "omit-lockfile-registry-resolved=true" in (ROOT / "globe" / ".npmrc").read_text(encoding="utf-8").splitlines()
    lock = json.loads((ROOT / "globe" / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    for name, entry in packages.items():
        assert "resolved" not in entry, f"globe/package-lock.json: {name} has an address"
        assert "integrity" in entry, f"globe/package-lock.json: {name} has no hash"


def test_the_version_is_told_once() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    cited = re.search(r'^version: "?([^"\n]+)"?$', (ROOT / "CITATION.cff").read_text(encoding="utf-8"), re.MULTILINE)
    assert cited is not None
    assert cited[1] == version
