"""Citations: a quotation bound to its place; one module for each style or export."""
