"""Seal keys and every signed or encrypted format; knows no database and no web."""
