"""The catalogue: licence types with their editor, authorities, service items with their documents, registers."""
