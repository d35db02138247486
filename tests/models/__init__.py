"""Tests of `rag.models`."""
