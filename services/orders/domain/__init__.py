"""The rules of an order: what may be ordered, what it costs, and what may become of it."""
