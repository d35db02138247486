"""Suites of questions and how they are made and loaded."""
