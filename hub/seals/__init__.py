"""Seals and the keys behind them: who may seal, with what, and how others verify it."""
