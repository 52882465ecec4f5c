"""The bank, a system outside the shop: how it is called, and what is pretended to answer."""
