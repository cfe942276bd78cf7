"""Claim files: read, validate, and locate each fault in the file."""

from pathlib import Path

from pydantic import ValidationError

from closedsky.errors import Fault, ScenarioError
from closedsky.model.claim import Claim
from closedsky.validation import faults_of
from closedsky.yaml import read_yaml

_FIRST = "begin the file with 'closedsky: 1'"


def read_claim(path: Path) -> Claim:
    """The claim of a file; ScenarioError with every fault."""
    document = read_yaml(path, holds="a claim")
    if not isinstance(document.data, dict):
        raise ScenarioError(Fault("a claim is a mapping of fields", document.where(()), _FIRST))
    if "said" not in document.data and {"defence", "raid", "cover"} & document.data.keys():
        fix = "closedsky run or closedsky cover takes it; a claim names it in a test"
        raise ScenarioError(Fault("this is a scenario, not a claim", document.where(()), fix))
    try:
        return Claim.model_validate(document.data)
    except ValidationError as error:
        see = "see docs/claims.md"
        raise ScenarioError(*faults_of(error, document.data, document.where, Claim, see)) from None
