"""The WebSocket dialects, one module per path or dialect."""
