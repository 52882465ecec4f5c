"""The bank, a system outside the shop: how it is called, and its simulation."""
