"""Reports, plots and comparisons of finished runs."""
