"""Holders: natural persons and organisations who sign in with a token of the unified identity platform."""
