"""Client systems of departments and their public keys, for hub administrators."""
