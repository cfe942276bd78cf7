"""How fast the trials are, against the same process written in SimPy. `python -m benchmarks`; see README.md beside this file."""
