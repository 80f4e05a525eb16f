"""The console: pages on which staff work, section by section."""
