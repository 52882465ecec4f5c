"""Writes the generated data of the shop: journal, products with their pictures, demo users."""

from scripts.mocks.writing import generate

__all__ = ["generate"]
