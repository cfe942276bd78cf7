"""The command line: each command loads, calls, writes."""

from closedsky.cli.app import main as main
