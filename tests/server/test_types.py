"""What the globe is told of the server's shapes is what they are."""

import os
import subprocess
import sys
from pathlib import Path

GLOBE = Path(__file__).resolve().parents[2] / "globe"


def test_the_types_of_the_globe_are_made_from_this_schema(tmp_path: Path) -> None:
    assert (GLOBE / "node_modules").is_dir(), "what makes the types is not installed: make globe"
    written = tmp_path / "openapi.d.ts"
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(["node", "types.mjs", str(written)], cwd=GLOBE, env={**os.environ, "PATH": path}, check=True)
    told = (GLOBE / "src" / "openapi.d.ts").read_text(encoding="utf-8")
    assert told == written.read_text(encoding="utf-8"), "globe/src/openapi.d.ts is out of date: make types"
