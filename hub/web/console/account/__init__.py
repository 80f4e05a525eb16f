"""The account of whoever is signed in: who he is here, his roles, sessions and proofs."""
