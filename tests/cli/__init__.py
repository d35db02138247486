"""Tests of `rag.cli`."""
