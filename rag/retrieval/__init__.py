"""From a query to ranked hits, in each language of the archive."""
