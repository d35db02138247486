"""The SQLite catalogue: documents, passages, vectors, and which index entries are stale."""
