"""What draws: the geometry and the words of lens's pages, without HTML and without I/O."""
