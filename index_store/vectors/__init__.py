"""Dense search: exact cosines in memory, and Chroma's index and server."""
