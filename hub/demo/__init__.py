"""The demonstration city: invented people and organisations, real licence types, and the story told over HTTP."""
