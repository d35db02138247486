"""One visitor's session: asking, answering, conversations, loading."""
