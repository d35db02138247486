"""The chat's templates, style sheet and script, and the two modules that fill them."""
