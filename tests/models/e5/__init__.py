"""Tests of `rag.models.e5`."""
