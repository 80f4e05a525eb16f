"""Files become entries of registers."""
