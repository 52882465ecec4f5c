"""Catalog: the products of the shop. It keeps them as documents, as mocks/products.json tells
them.
"""
