"""How questions about records are told from others: `python -m eval train-intents`."""
