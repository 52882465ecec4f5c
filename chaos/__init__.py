"""Failing on purpose: the fault engine, its control plane, scenarios, experiments and measures."""
