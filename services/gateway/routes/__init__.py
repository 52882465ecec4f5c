"""The public API, one module for each noun of it."""
