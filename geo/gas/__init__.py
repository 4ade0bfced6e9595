"""Piped gas: what is on record, how far pipes lie from buildings, and how the unserved would be connected; a module each."""
