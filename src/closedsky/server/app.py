"""The server's application: routes, guards and error handlers."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import Response

from closedsky import api
from closedsky.errors import ClosedskyError, Fault
from closedsky.explore import backdrop
from closedsky.explore.explorer import Explorer
from closedsky.server.claim_jobs import ClaimJobs
from closedsky.server.files import STATIC, files_of
from closedsky.server.guard import Check, Guard, host_check, origin_check, rate_check, token_check, type_check
from closedsky.server.memory import give_back_at_once
from closedsky.server.queue import WorkQueue
from closedsky.server.rate import Rates
from closedsky.server.refusals import RefusedError, answered, wrong_fields
from closedsky.server.routes import VERSION, api_routes

WORLD_AND_FLAT: Mapping[str, str] = {"world": "world", "flat": "flat"}


@dataclass(frozen=True)
class Options:
    """Server options. `terrains`: terrain specification by name, as on the command line. With a `token`, every request must prove it."""

    terrains: Mapping[str, str] = field(default_factory=lambda: WORLD_AND_FLAT)
    catalogue: Path | None = None
    threads: int | None = None
    token: str | None = None
    host_names: tuple[str, ...] = ()
    static: Path = STATIC
    rates: Rates = field(default_factory=Rates)


@dataclass(frozen=True)
class Served:
    """An application with its work queue and claim jobs, which must be stopped with it."""

    app: FastAPI
    explorer: Explorer
    queue: WorkQueue
    claim_jobs: ClaimJobs

    def warm_up(self) -> None:
        """Answer the start view in advance, so that kernels are loaded or compiled. The terrain is read first, in one thread."""
        backdrop.relief(0, 0, 0)
        self.queue.prepare(lambda: self.explorer.quick(self.explorer.about(VERSION).start))

    def stop(self) -> None:
        """Stop the work queue and the claim jobs."""
        self.queue.stop()
        self.claim_jobs.stop()


def make_app(options: Options | None = None) -> FastAPI:
    """The application only."""
    return make(options or Options()).app


def make(options: Options) -> Served:
    """The application with its work queue and claim jobs."""
    give_back_at_once()
    explorer = Explorer(api.load_catalogue(own=options.catalogue), options.terrains, options.threads)
    queue = WorkQueue()
    claim_jobs = ClaimJobs(
        lambda claim, step: api.assess(claim, catalogue=explorer.catalogue, threads=options.threads, progress=step),
        lambda: queue.busy,
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        queue.stop()
        claim_jobs.stop()

    app = FastAPI(
        title="closedsky", version=VERSION, docs_url=None, redoc_url=None, redirect_slashes=False, lifespan=lifespan,
        separate_input_output_schemas=False, middleware=[Middleware(Guard, checks=_checks(options))],
    )  # fmt: skip
    app.include_router(api_routes(explorer, queue, claim_jobs))
    app.add_route("/{path:path}", files_of(options.static), include_in_schema=False)
    _refuse_plainly(app)
    _say_plainly(app.openapi())
    return Served(app, explorer, queue, claim_jobs)


def _checks(options: Options) -> list[Check]:
    checks: list[Check] = [host_check(options.host_names), rate_check(options.rates), origin_check]
    return [*checks, *([token_check(options.token)] if options.token is not None else []), type_check]


def _say_plainly(schema: dict[str, Any]) -> None:
    """Correct the generated schema: refusals are JSON whatever else a route returns; an event has its own shape only."""
    for path in schema["paths"].values():
        for told in path.values():
            answers = told["responses"]
            answers["default"]["content"] = {"application/json": next(iter(answers["default"]["content"].values()))}
            for content in answers["200"]["content"].values():
                if "$ref" in content["schema"]:
                    content["schema"].pop("type", None)


def _refuse_plainly(app: FastAPI) -> None:
    """Answer every error of the client with a `Refusal`."""

    @app.exception_handler(ClosedskyError)
    async def faults(_: Request, error: ClosedskyError) -> Response:
        return answered(422, error.faults)

    @app.exception_handler(RefusedError)
    async def refused(_: Request, error: RefusedError) -> Response:
        return error.answer()

    @app.exception_handler(RequestValidationError)
    async def misshapen(request: Request, error: RequestValidationError) -> Response:
        return answered(422, wrong_fields(error.body, request.url.path))

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        if error.status_code == 400:  # the body is no JSON that Python reads: too deep, or numbers too long
            return answered(422, wrong_fields(None, request.url.path))
        fault = Fault(error.detail.lower(), request.url.path, "/openapi.json says what may be asked")
        return answered(error.status_code, [fault], dict(error.headers or {}))
