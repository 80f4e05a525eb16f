"""Licences issued, renewed and changed by forms that are made from their types."""
