"""The databases that can hold a catalogue: SQLite beside the indexes, PostgreSQL on a server."""
