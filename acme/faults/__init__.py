"""Fault injection in the running shop: what `acme faults` does."""
