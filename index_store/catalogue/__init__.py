"""The SQLite catalogue: documents, passages, vectors and the outbox."""
