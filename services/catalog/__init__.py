"""Catalog: the products of the shop, read from mocks/products.json and kept as documents."""
