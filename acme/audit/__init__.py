"""Accounts for every order while services fail and are killed: `acme audit`."""

from acme.audit.command import main

__all__ = ["main"]
