"""Metrics: what the platform measures of every request, and how measurements leave."""
