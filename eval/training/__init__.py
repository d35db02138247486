"""Fitting weights and models on development data."""
