"""Pages for people, served by the hub itself; everything in them is local, for government networks are closed."""
