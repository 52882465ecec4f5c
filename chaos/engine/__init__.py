"""Failures on purpose, decided and struck outside the business code."""
