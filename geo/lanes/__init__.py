"""Fire lanes: their clear width measured from the drawing, and how a width compares with a limit; a module each."""
