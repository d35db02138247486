"""The vector index: exact search in memory, and Chroma for other clients and large stores."""
