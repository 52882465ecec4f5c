"""Measures how often the explanation of a trace names what was broken in it."""
