"""The faults of the stack and of its peers, injected, each with its number of trials."""
