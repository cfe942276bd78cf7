"""Benchmarks of speed, memory and accuracy, each run as a module; see README.md in this folder."""
