"""Measuring Fonds: suites of questions, runs, reports, comparisons, benchmark, training."""
