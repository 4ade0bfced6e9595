"""Questions about the hazard ledger."""
