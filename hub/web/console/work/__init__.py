"""The first section: what waits for whoever is signed in."""
