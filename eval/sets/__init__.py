"""Suites of questions: how they are loaded, and how they are made from data sets."""
