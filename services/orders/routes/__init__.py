"""What orders answers: placing orders, and telling of them."""
