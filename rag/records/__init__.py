"""One archival record: shelf-mark, type, versions, copies, warnings."""
