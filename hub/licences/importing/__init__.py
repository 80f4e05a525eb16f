"""Import, the pure part: a file becomes rows, a row becomes a draft or its faults. No database, no vault, no sealing."""
