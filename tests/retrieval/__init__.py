"""Tests of `rag.retrieval`."""
