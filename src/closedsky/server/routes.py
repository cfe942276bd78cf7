"""The routes of the interface: each loads, calls and writes."""

from functools import cache, lru_cache
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from closedsky.claims import ledger
from closedsky.explore import backdrop
from closedsky.explore.explorer import Explorer
from closedsky.model.globe import (
    About,
    FootprintMap,
    FootprintMapRequest,
    FullAnswer,
    Lines,
    MapRequest,
    QuickAnswer,
    Refusal,
    Replay,
    TestEvent,
)
from closedsky.model.sky import SkyAnswer
from closedsky.raid import replay
from closedsky.server.claim_jobs import ClaimJobs
from closedsky.server.queue import WorkQueue


class Octets(Response):
    """A tile."""

    media_type = "application/octet-stream"


class Yaml(Response):
    """A scenario file."""

    media_type = "text/yaml"


class Json(Response):
    """A model instance as JSON, serialised in the computing thread."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """The serialised JSON."""
        return content.model_dump_json().encode() if isinstance(content, BaseModel) else bytes(super().render(content))


class Events(StreamingResponse):
    """Server-sent events."""

    media_type = "text/event-stream"


VERSION = version("closedsky")
_REPLAYS = 8
_WHY_NOT: dict[int | str, dict[str, Any]] = {"default": {"model": Refusal, "description": "Why not"}}


def api_routes(explorer: Explorer, queue: WorkQueue, claim_jobs: ClaimJobs) -> APIRouter:
    """All routes below /api."""
    router = APIRouter(prefix="/api", responses=_WHY_NOT)
    _add_looks(router, explorer, queue)
    _add_examples(router, explorer, queue)
    _add_claims(router, claim_jobs)
    _add_ground(router)
    return router


def _add_looks(router: APIRouter, explorer: Explorer, queue: WorkQueue) -> None:
    about = cache(lambda: Json(explorer.about(VERSION)))

    @router.get("/about", response_model=About)
    def what_there_is() -> Response:
        return _again(about())

    @router.post("/quick", response_model=QuickAnswer)
    async def quick(look: MapRequest, request: Request) -> Response:
        drag = (
            look.example,
            look.terrain,
            tuple(unit.id for unit in look.units),
        )  # of looks that differ in no more, the newest is wanted
        return await queue.run(request, lambda: Json(explorer.quick(look, queue.step)), drag)

    @router.post("/answer", response_model=FullAnswer)
    async def answer(look: MapRequest, request: Request) -> Response:
        return await queue.run(request, lambda: Json(explorer.answer(look, queue.step)))

    @router.post("/over-relief", response_model=SkyAnswer)
    async def over_relief(look: MapRequest, request: Request) -> Response:
        return await queue.run(request, lambda: Json(explorer.over_relief(look, queue.step)), gives_way=True)

    @router.post("/footprint", response_model=FootprintMap)
    async def footprint(look: FootprintMapRequest, request: Request) -> Response:
        return await queue.run(request, lambda: Json(explorer.footprint(look)))

    @router.post("/scenario", response_class=Yaml)
    async def scenario(look: MapRequest, request: Request) -> Response:
        return await queue.run(request, lambda: Yaml(explorer.scenario_text(look)))


def _add_examples(router: APIRouter, explorer: Explorer, queue: WorkQueue) -> None:
    @lru_cache(_REPLAYS)
    def played(name: str, variant: str | None, trial: int) -> Response:
        return Json(replay.playback(name, variant, trial, explorer.catalogue))

    @router.get("/examples/{name}/request", response_model=MapRequest)
    async def look(name: str, request: Request, variant: str | None = None) -> Response:
        return await queue.run(request, lambda: Json(explorer.look_of(name, variant)))

    @router.get("/examples/{name}/replay", response_model=Replay)
    async def played_back(name: str, request: Request, variant: str | None = None, trial: int = 0) -> Response:
        return await queue.run(request, lambda: _again(played(name, variant, trial)))


def _add_claims(router: APIRouter, claim_jobs: ClaimJobs) -> None:
    @router.get("/claims/{claim}/test", response_class=Events, responses={200: {"model": TestEvent}})
    async def test(claim: str, request: Request) -> Response:
        known = await run_in_threadpool(ledger.listed, claim)
        return Events(claim_jobs.listen(known.claim.id, request))


def _add_ground(router: APIRouter) -> None:
    lines = cache(lambda: Json(backdrop.lines()))

    @router.get("/lines", response_model=Lines)
    def coasts_and_borders() -> Response:
        return _again(lines())

    @router.get("/relief/{z}/{x}/{y}", response_class=Octets)
    def relief(z: int, x: int, y: int) -> Response:
        return Octets(backdrop.relief(z, x, y))

    @router.get("/heights/{z}/{x}/{y}", response_class=Octets)
    def heights(z: int, x: int, y: int) -> Response:
        return Octets(backdrop.heights(z, x, y))


def _again(response: Response) -> Response:
    """A new response with the content of a cached one."""
    return Response(response.body, media_type=response.media_type)
