"""Plots for pages: SVG that the server draws from frozen dataclasses, each with its table behind it (docs/adr/0046)."""
