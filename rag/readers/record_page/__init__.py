"""Record pages: two languages of one record in a file."""
