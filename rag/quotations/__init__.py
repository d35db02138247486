"""Where given words stand: exactly, after normalization, nearly, or in pieces."""
