"""How the shop tells what it does: spans, the context that joins them, logs, and how they leave."""
