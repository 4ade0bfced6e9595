"""Questions about piped gas: who lacks it, what contradicts, how near mains lie to buildings, and what would connect the rest."""
