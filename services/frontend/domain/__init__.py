"""The rules of the storefront's pages: what is on them, what may be typed, what is said when."""
