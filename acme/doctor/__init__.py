"""Checks of this machine and of the shop: `acme doctor`."""
