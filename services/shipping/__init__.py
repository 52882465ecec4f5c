"""Shipping: ships what was ordered, and says where it is. It keeps shipments as documents."""
