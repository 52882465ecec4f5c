"""Accounts for every order while services fail and are killed: `acme audit`."""
