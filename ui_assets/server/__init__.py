"""The chat over HTTP: launching, sign-in and access, logs, the API for programs."""
