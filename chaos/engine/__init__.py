"""The fault engine: decides whether a fault fires, and injects it, outside the business code."""

# Its frames are around every route, and would give a hidden fault away: see shared/tracebacks.py.
__tracebackhide__ = True
