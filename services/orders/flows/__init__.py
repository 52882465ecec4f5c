"""What takes several steps, and goes on where a crash left it."""
