"""The command line in this process: what a user would read, without the seconds a process takes to start."""

import contextlib
import gc
import io
import os
import subprocess
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from unittest import mock

from closedsky.cli.app import main


def closedsky(
    *arguments: str, columns: int = 80, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """`closedsky ARGUMENTS` on a terminal of so many columns, in a folder, with changes to the environment; as `subprocess.run` tells it.

    Exit codes, both streams and a traceback, should there be one, are those of a process of its own: tests/cli holds some to that.
    """
    out, errors = io.StringIO(), io.StringIO()
    code = 0
    with (
        mock.patch.object(sys, "argv", ["closedsky", *arguments]),
        mock.patch.dict(os.environ, {"COLUMNS": str(columns), **(env or {})}),
        contextlib.chdir(cwd or Path.cwd()),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(errors),
    ):
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        except Exception:  # what a process would end with
            traceback.print_exc()
            code = 1
        finally:
            gc.enable()  # `main` runs without it, as it soon ends
            gc.unfreeze()
    return subprocess.CompletedProcess(list(arguments), code, out.getvalue(), errors.getvalue())
