"""Long work: leases, resumption after a kill, progress."""
