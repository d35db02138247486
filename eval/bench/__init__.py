"""Time, memory and disk, beside the peer."""
