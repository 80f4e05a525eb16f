"""Licences as files that people keep: typeset, sealed, recorded, and handed out once."""
