"""What the pages of the storefront are filled with."""
