"""Experiments with the shop: a steady state hypothesis, a method, and a report. Chaos Toolkit runs
them, `acme experiment` starts it.
"""
