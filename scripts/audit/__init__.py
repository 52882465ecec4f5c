"""Accounts for every order while services fail and are killed: `acme audit`."""

from scripts.audit.command import main

__all__ = ["main"]
