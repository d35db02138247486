"""Measurements of single parts of Fonds, apart from suites."""
