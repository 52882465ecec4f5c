"""Programs to read and to run beside the shop; nothing of it needs them."""
