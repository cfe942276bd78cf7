"""Builds the globe into wheels and source distributions. An installation for development goes without: `make globe` builds it there."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

LEAST_NODE = (20, 19)  # what Vite 7 needs


class GlobeHook(BuildHookInterface[Any]):
    """`npm ci` and `npm run build` in globe/, where the built globe is not there yet. A source distribution brings it along."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        if version == "editable" or (root / "src/closedsky/server/static/index.html").is_file():
            return
        if complaint := missing_tools():
            self.app.abort(
                f"closedsky has to build its globe (closedsky serve), and cannot: {complaint}. "
                f"Install Node.js {'.'.join(map(str, LEAST_NODE))} or newer with npm and repeat the command, "
                "or install a built wheel, which needs neither."
            )
        for command in (["ci", "--include=dev", "--no-audit", "--no-fund"], ["run", "build"]):
            npm = shutil.which("npm") or "npm"
            if subprocess.run([npm, *command], cwd=root / "globe", stdout=sys.stderr, check=False).returncode:
                self.app.abort(
                    f"closedsky cannot build its globe: 'npm {' '.join(command)}' in {root / 'globe'} failed, as told above."
                )


def missing_tools() -> str:
    """What is not there, or is too old; empty where nothing is."""
    node = shutil.which("node")
    if node is None:
        return "there is no Node.js on the path"
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    if tuple(int(part) for part in re.findall(r"\d+", told)[:2]) < LEAST_NODE:
        return f"Node.js is {told or 'broken'}, too old"
    return "" if shutil.which("npm") else "there is no npm on the path"
