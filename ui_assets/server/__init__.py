"""Serving the chat: launching, sign-in, guard, logs, API."""
