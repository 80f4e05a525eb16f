"""The domain of Licence Hub, one folder a noun, and the composition root."""
