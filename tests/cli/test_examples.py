"""The help of every command ends in an example that the command line takes."""

import shlex
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from closedsky.cli.app import app


def commands(group: Any, before: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*before, name))
        else:
            yield (*before, name), command


ALL = dict(commands(typer.main.get_command(app)))


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_help_has_an_example_that_is_understood(path: tuple[str, ...]) -> None:
    """Its words are read as the command would read them: an option that there is not, or a wrong number, is an error."""
    said = ALL[path].help
    assert said is not None
    example = said.rsplit("Example: closedsky ", 1)[1].strip()
    words = shlex.split(example)
    assert tuple(words[: len(path)]) == path
    with ALL[path].make_context(" ".join(path), words[len(path) :]) as context:
        assert context.params
