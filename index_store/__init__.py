"""The store: a catalogue of documents and passages, a word index and a vector index."""

import os

# onnxruntime, on which Chroma and the bundled encoder stand, sends an account of its use to its
# maker unless this is set before it is imported.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
