"""The commands of `licence-hub`, one module a noun; each calls one service and prints what came of it."""
