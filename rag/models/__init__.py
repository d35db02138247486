"""Neural models and their loading; onnxruntime and torch are imported only here."""
