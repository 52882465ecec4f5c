"""Where services keep things: documents, each operation one DB span."""
