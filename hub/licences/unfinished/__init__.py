"""Licences that officers have begun to write and not issued yet."""
