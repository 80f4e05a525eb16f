"""Subscriptions over WebSocket: the protocol, its connections, and what is followed on them."""
