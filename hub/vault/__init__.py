"""Wrapped data keys, ciphertext and blind indexes; rotation and erasure."""
