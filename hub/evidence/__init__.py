"""Evidence packages: everything needed to verify one case's answers again, offline, years later."""
