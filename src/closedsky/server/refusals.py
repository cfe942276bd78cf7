"""Refusals: faults as a `Refusal`, in plain words and without paths of this machine."""

import logging
import re
from collections.abc import Iterable

from pydantic import ValidationError
from pydantic_core import InitErrorDetails
from starlette.responses import Response

from closedsky.errors import ClosedskyError, Fault
from closedsky.model.globe import FootprintMapRequest, MapRequest, Refusal
from closedsky.validation import faults_of
from closedsky.yaml import field_name

log = logging.getLogger("closedsky.server")

MOST_FAULTS = 20
MOST_LETTERS = 500
_FOLDERS = re.compile(r"(?<![\w./])(?:[A-Za-z]:)?[\\/](?:[^\s\\/:'\"]+[\\/])+")
_OURS = Fault("something went wrong here that should not have", "closedsky", "the terminal that runs closedsky serve says what")


class RefusedError(Exception):
    """A refused request and its status."""

    def __init__(self, status: int, fault: Fault, after_s: int | None = None) -> None:
        super().__init__(fault.what)
        self.status, self.fault, self.after_s = status, fault, after_s

    def answer(self) -> Response:
        """The response to the client."""
        headers = {} if self.after_s is None else {"Retry-After": str(self.after_s)}
        if self.status in (408, 413):
            headers["Connection"] = "close"  # the rest of the body was not read
        return answered(self.status, [self.fault], headers)


def answered(status: int, faults: Iterable[Fault], headers: dict[str, str] | None = None) -> Response:
    """Faults as a response."""
    return Response(refusal(faults).model_dump_json(), status, headers, media_type="application/json")


def refusal(faults: Iterable[Fault]) -> Refusal:
    """Faults as sent to a client, the first of many."""
    told = [Fault(what=_told(one.what), where=_told(one.where) or "body", fix=_told(one.fix)) for one in faults]
    return Refusal(faults=tuple(told[:MOST_FAULTS]))


def refusal_of(error: Exception) -> Refusal:
    """The refusal for an error: the user's faults, or an internal error, whose details are logged only."""
    if isinstance(error, ClosedskyError):
        return refusal(error.faults)
    log.error("closedsky: an error of ours", exc_info=error)
    return refusal([_OURS])


def our_fault(error: Exception) -> Response:
    """The response to a request that failed by an internal error."""
    return Response(refusal_of(error).model_dump_json(), 500, media_type="application/json")


def wrong_fields(body: object, path: str) -> list[Fault]:
    """The faults of a request that does not match its schema."""
    noun = FootprintMapRequest if path.endswith("/footprint") else MapRequest
    if isinstance(body, dict):
        try:
            noun.model_validate(body)
        except ValidationError as told:
            return faults_of(_first(told), body, field_name, noun, f"its shape: {noun.__name__} in /openapi.json")
    return [Fault("this is not what is asked for here", path, "/openapi.json says how it is asked")]


def _first(error: ValidationError) -> ValidationError:
    """The first errors of many: wording thousands would take long."""
    found = error.errors(include_url=False)
    few = [InitErrorDetails(type=one["type"], loc=one["loc"], input=one["input"], ctx=one.get("ctx", {})) for one in found]
    return ValidationError.from_exception_data(error.title, few[:MOST_FAULTS])


def _told(text: str) -> str:
    """Text without folders of this machine, without surrogates, and of limited length."""
    short = _FOLDERS.sub("", text[: 4 * MOST_LETTERS].encode("utf-8", "replace").decode())
    return short if len(short) <= MOST_LETTERS else short[: MOST_LETTERS - 1] + "…"
