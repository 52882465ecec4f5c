"""Shipping: shipments, and what the carrier says of them. It keeps shipments as documents."""
