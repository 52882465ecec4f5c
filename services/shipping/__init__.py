"""Shipping: ships what was ordered, and tells what the carrier says of it. It keeps shipments as
documents.
"""
