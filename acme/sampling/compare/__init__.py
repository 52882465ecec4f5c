"""The same traffic under several samplers: what each keeps, and what that costs."""
