"""Pages for everybody: what a printed code is worth, and what a displayed one is for."""
