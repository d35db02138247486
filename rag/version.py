"""The version of Fonds, as installed."""

from importlib.metadata import version

VERSION = version("fonds")
