"""Tests of `rag.llm`."""
