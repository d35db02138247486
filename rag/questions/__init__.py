"""What a question means: filters, constraints, phrases, follow-ups, intent."""
