"""The base of all model classes."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, StringConstraints
from pydantic_core import CoreSchema, PydanticKnownError, core_schema


def _whole_number(value: Any) -> Any:
    if isinstance(value, bool | str):
        raise PydanticKnownError("int_type")
    return value


def _numbers_strict(schema: Any, of: Any) -> Any:
    """The schema of a class in which every number refuses true, false and text; a whole number may still be written 1e3."""
    if isinstance(schema, list | tuple):
        return type(schema)(_numbers_strict(part, of) for part in schema)
    if not isinstance(schema, dict):
        return schema
    kind = schema.get("type")
    if kind == "function-before" and schema["function"]["function"] is _whole_number:
        return schema  # already processed
    if kind == "model" and schema["cls"] is not of and issubclass(schema["cls"], Noun):
        return schema  # already processed, as a class by itself
    schema = {key: part if key == "metadata" else _numbers_strict(part, of) for key, part in schema.items()}
    if kind == "float":
        return {**schema, "strict": True}
    if kind == "int":
        return core_schema.no_info_before_validator_function(_whole_number, schema)
    return schema


class Noun(BaseModel):
    """Base class: frozen, refuses unknown fields, and accepts only numbers as numbers.

    Pydantic by default accepts `true` as 1 and the text `4_0` as 40. A class is built when it is first used: a command uses few.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Pydantic's schema of the fields, with strict numbers."""
        schema: CoreSchema = _numbers_strict(handler(source), source)
        return schema


NAME = r"^[a-z0-9][a-z0-9_.-]{0,63}$"
Id = Annotated[str, StringConstraints(pattern=NAME)]
"""Lower-case id: letters, digits, '-', '_' and '.'."""
