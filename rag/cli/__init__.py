"""The command `fonds`."""
