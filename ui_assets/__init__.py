"""The chat behind `ui.py`.

Layers, lowest first: `model` (the values it works with), `view` (HTML and texts), `export`
(conversations as files), `session` (asking, conversations, loading), `server` (HTTP, sign-in,
API). `templates` holds the HTML templates, the style sheet and the script.
"""
