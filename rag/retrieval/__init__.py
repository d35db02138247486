"""From a query to fused hits, in each language of the archive."""
