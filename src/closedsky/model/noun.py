"""What every noun of the model has in common."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints


class Noun(BaseModel):
    """A frozen record that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


NAME = r"^[a-z0-9][a-z0-9_.-]{0,63}$"
Id = Annotated[str, StringConstraints(pattern=NAME)]
"""Lower-case name of a thing: letters, digits, '-', '_' and '.'."""
