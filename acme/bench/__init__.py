"""Measures the order-status chain under load: `acme bench`."""
