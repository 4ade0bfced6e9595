"""Questions about what engines and hoses reach over the network of roads and lanes, and about water along it."""
