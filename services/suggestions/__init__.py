"""Suggestions: what else goes with an article, read once from mocks/suggestions.json."""
