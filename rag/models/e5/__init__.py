"""multilingual-e5-small: its published weights, its graph, and running it with int8 products."""
