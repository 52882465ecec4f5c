"""Sampling from the command line: the samplers, the strategies that lens serves, and how the
samplers compare.
"""
