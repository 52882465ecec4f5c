"""Writes the generated data of the shop: journal, products with their pictures, demo users."""

from scripts.mocks.command import generate, main

__all__ = ["generate", "main"]
