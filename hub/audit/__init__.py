"""Records of every read and every change, kept as canonical bytes with a salt each."""
