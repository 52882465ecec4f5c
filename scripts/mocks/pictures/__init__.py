"""The pictures of the products, drawn as SVG: each thing from simple shapes, in the colours of the
room it belongs to.
"""

from scripts.mocks.pictures.views import views

__all__ = ["views"]
