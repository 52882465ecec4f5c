"""Frontend: the storefront a person clicks, rendered on the server. It keeps nothing."""
