"""Gateway: the shop's public JSON API. It has auth say who is calling and passes the rest on; it
keeps nothing.
"""
