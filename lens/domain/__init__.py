"""What a trace is, and what can be read from it. No I/O here."""
