"""Separate measurements of single parts."""
