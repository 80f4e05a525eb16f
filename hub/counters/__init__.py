"""What is shown at counters, and what it is worth: printed codes, their pictures and verdicts."""
