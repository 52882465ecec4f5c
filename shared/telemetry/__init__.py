"""What the shop records: spans, the context that joins them, logs; and how they are exported."""
