"""What happens in the chat: asking and answering, conversations, the served archive, suites."""
