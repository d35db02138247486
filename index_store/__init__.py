"""The store: a catalogue of documents and passages, a word index and a vector index."""

import os

# onnxruntime, which Chroma and the bundled encoder use, sends usage data to its maker unless this
# is set before it is imported.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
