"""Seals in the console: applied for, approved, made, filed and ended by people, page by page."""
