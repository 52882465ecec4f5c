"""Experiments on the running shop: what `acme experiment` does."""
