"""The shop's services: one package each, all built alike; they meet only over HTTP and events."""
