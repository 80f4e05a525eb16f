"""Licences in the console."""
