"""`python -m closedsky`."""

from closedsky.cli import main

main()
