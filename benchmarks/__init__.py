"""What is measured, against whom, re-runnable by anyone: `make bench`."""
