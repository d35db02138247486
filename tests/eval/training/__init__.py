"""Tests of what trains and fits."""
