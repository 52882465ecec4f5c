"""Gateway: the shop's public JSON API. It asks auth who is calling and passes the rest on; it
keeps nothing.
"""
