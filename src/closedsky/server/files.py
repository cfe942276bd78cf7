"""The built globe: serves the files that are in its folder at start-up, and no others."""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from closedsky.errors import Fault
from closedsky.server.refusals import RefusedError

STATIC = Path(__file__).parent / "static"
_TYPES = {
    ".css": "text/css",
    ".glb": "model/gltf-binary",
    ".html": "text/html",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript",
    ".json": "application/json",
    ".ktx2": "image/ktx2",
    ".mjs": "text/javascript",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".wasm": "application/wasm",
    ".woff2": "font/woff2",
    ".xml": "application/xml",
}
_HASHED = re.compile(r"/assets/(?:.*/)?[^/]+-[\w-]{8,}\.\w+")
"""Files that Vite names by content hash; the content never changes under the name."""


def files_of(folder: Path) -> Callable[[Request], Awaitable[Response]]:
    """A route that serves the files of a folder. Request paths are looked up, never opened, so path traversal is impossible."""
    known = {f"/{one.relative_to(folder).as_posix()}": one for one in folder.rglob("*") if one.is_file()}
    known |= {"/": known["/index.html"]} if "/index.html" in known else {}

    async def answer(request: Request) -> Response:
        path = request.scope["path"]
        file = known.get(path)
        if file is None or not file.is_file():
            raise RefusedError(404, Fault("there is nothing of that name", "path", "open / for the globe"))
        keep = "max-age=31536000, immutable" if _HASHED.fullmatch(path) else "no-cache"
        media = _TYPES.get(file.suffix, "application/octet-stream")
        found = FileResponse(file, headers={"Cache-Control": keep}, media_type=media, stat_result=file.stat())
        if request.headers.get("if-none-match") == found.headers["etag"]:
            return Response(status_code=304, headers={"Cache-Control": keep, "ETag": found.headers["etag"]})
        return found

    return answer
