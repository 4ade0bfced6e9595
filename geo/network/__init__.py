"""The engine's network: public roads and lanes as one graph, what a vehicle reaches on it, and from there; a module each."""
