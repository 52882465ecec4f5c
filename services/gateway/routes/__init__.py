"""The public API: who may call it, what is sent to it, what it answers."""
