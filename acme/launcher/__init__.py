"""Starts the shop as one process per service, watches over it, and reports on them."""
