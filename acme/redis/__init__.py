"""The Redis that comes with the shop, for where nobody has named one."""
