"""What the control plane knows and decides, and what its control room shows. No I/O here."""
