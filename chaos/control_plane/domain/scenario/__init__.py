"""Scenarios: what one is, how one is read, and how a run of one goes on."""
