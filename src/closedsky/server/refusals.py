"""How a request is refused: faults as a `Refusal`, in plain words and without a path of this machine."""

import logging
import re
from collections.abc import Iterable

from pydantic import ValidationError
from pydantic_core import InitErrorDetails
from starlette.responses import Response

from closedsky.errors import ClosedskyError, Fault
from closedsky.model.globe import FootprintLook, Look, Refusal, Wrong
from closedsky.validation import faults_of
from closedsky.yaml import field_name

log = logging.getLogger("closedsky.server")

MOST_FAULTS = 20
MOST_LETTERS = 500
_FOLDERS = re.compile(r"(?<![\w./])(?:[A-Za-z]:)?[\\/](?:[^\s\\/:'\"]+[\\/])+")
_OURS = Fault("something went wrong here that should not have", "closedsky", "the terminal that runs closedsky serve says what")


class RefusedError(Exception):
    """A request that is not answered, and the status that says so."""

    def __init__(self, status: int, fault: Fault, after_s: int | None = None) -> None:
        super().__init__(fault.what)
        self.status, self.fault, self.after_s = status, fault, after_s

    def answer(self) -> Response:
        """What its client is told."""
        headers = {} if self.after_s is None else {"Retry-After": str(self.after_s)}
        if self.status in (408, 413):
            headers["Connection"] = "close"  # there is more of the body than was read
        return answered(self.status, [self.fault], headers)


def answered(status: int, faults: Iterable[Fault], headers: dict[str, str] | None = None) -> Response:
    """Faults as an answer."""
    return Response(refusal(faults).model_dump_json(), status, headers, media_type="application/json")


def refusal(faults: Iterable[Fault]) -> Refusal:
    """Faults as they are told to a client, the first of many."""
    told = [Wrong(what=_told(one.what), where=_told(one.where) or "body", fix=_told(one.fix)) for one in faults]
    return Refusal(faults=tuple(told[:MOST_FAULTS]))


def refusal_of(error: Exception) -> Refusal:
    """What a client is told of an error: the user's faults, or that it was ours, which the log tells in full."""
    if isinstance(error, ClosedskyError):
        return refusal(error.faults)
    log.error("closedsky: an error of ours", exc_info=error)
    return refusal([_OURS])


def our_fault(error: Exception) -> Response:
    """The answer to a request on which we failed."""
    return Response(refusal_of(error).model_dump_json(), 500, media_type="application/json")


def wrong_fields(body: object, path: str) -> list[Fault]:
    """What is wrong with a request that is not of its shape."""
    noun = FootprintLook if path.endswith("/footprint") else Look
    if isinstance(body, dict):
        try:
            noun.model_validate(body)
        except ValidationError as told:
            return faults_of(_first(told), body, field_name, noun, f"its shape: {noun.__name__} in /openapi.json")
    return [Fault("this is not what is asked for here", path, "/openapi.json says how it is asked")]


def _first(error: ValidationError) -> ValidationError:
    """The first faults of many: thousands would take long to put into words."""
    found = error.errors(include_url=False)
    few = [InitErrorDetails(type=one["type"], loc=one["loc"], input=one["input"], ctx=one.get("ctx", {})) for one in found]
    return ValidationError.from_exception_data(error.title, few[:MOST_FAULTS])


def _told(text: str) -> str:
    """Text without folders of this machine, without halves of characters, of a length that can be read."""
    short = _FOLDERS.sub("", text[: 4 * MOST_LETTERS].encode("utf-8", "replace").decode())
    return short if len(short) <= MOST_LETTERS else short[: MOST_LETTERS - 1] + "…"
