"""What takes several calls, some of which may fail without the rest."""
