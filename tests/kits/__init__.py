"""Helpers that several tests share: stores, servers, encoders, invented texts."""
