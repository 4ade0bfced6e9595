"""Questions about single fire lanes: their width, their height, what blocks them, and where none is on record."""
