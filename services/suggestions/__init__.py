"""Suggestions: what else goes with an article or a product. They are read once from
mocks/suggestions.json.
"""
