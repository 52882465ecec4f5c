"""Where things are drawn: pure geometry, in the units of the drawing, for whoever draws it."""
