"""Orders: places orders, and asks shipping where each is. It keeps orders as documents."""
