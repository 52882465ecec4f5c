"""Simulated people click through the shop: `acme traffic`."""
