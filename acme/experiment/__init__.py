"""Experiments with the running shop: `acme experiment`."""

from acme.experiment.command import main

__all__ = ["main"]
