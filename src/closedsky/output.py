"""Results in a folder or a file, written completely or not at all."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from closedsky.errors import Fault, OutputError


@contextmanager
def output_folder(target: Path, force: bool) -> Iterator[Path]:
    """A temporary folder beside `target`, renamed to `target` if the block succeeds.

    `target` must be new or empty; with `force`, files of the same names in it are replaced and others are kept.
    """
    refuse(target, force)
    target = target.absolute()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    except OSError as error:
        raise OutputError(
            Fault(f"cannot write here ({error.strerror})", f"--out {target}", "name a folder you may write to")
        ) from error
    try:
        yield scratch
        scratch.chmod(0o755)
        if target.exists() and any(target.iterdir()):
            for file in scratch.iterdir():
                file.replace(target / file.name)
        else:
            scratch.replace(target)
    except OutputError as error:  # of a file in it, which names the temporary folder
        raise OutputError(
            *(replace(fault, where=fault.where.replace(str(scratch), f"--out {target}")) for fault in error.faults)
        ) from error
    except OSError as error:
        raise OutputError(
            Fault(f"cannot write here ({error.strerror or error})", f"--out {target}", "free some space, or name another folder")
        ) from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def write_whole(target: Path, content: bytes) -> None:
    """Write a new file; on an OSError there is none."""
    try:
        target.write_bytes(content)
    except OSError:
        target.unlink(missing_ok=True)
        raise


def refuse_file(target: Path, force: bool) -> None:
    """Raise OutputError if the file `target` may not be written; called before the computation."""
    if target.is_dir():
        raise OutputError(Fault("there is a folder of that name", f"--out {target}", "name a file"))
    if not target.absolute().parent.is_dir():
        raise OutputError(Fault("there is no folder to write it to", f"--out {target}", "make the folder first, or name another"))
    if target.exists() and not target.is_file():
        raise OutputError(Fault("there is a device of that name", f"--out {target}", "name a file"))
    if target.exists() and not force:
        raise OutputError(Fault("the file is there already", f"--out {target}", "name a new one, or add --force to replace it"))


def refuse(target: Path, force: bool) -> None:
    """Raise OutputError if the folder `target` may not be written; called before the computation."""
    if target.exists() and not target.is_dir():
        raise OutputError(Fault("there is a file of that name", f"--out {target}", "name a folder"))
    if target.is_dir() and any(target.iterdir()) and not force:
        raise OutputError(
            Fault("the folder is not empty", f"--out {target}", "name a new one, or add --force to replace the files in it")
        )
