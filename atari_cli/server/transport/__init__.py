"""Bytes and rules of HTTP and WebSocket; nothing here knows a session."""
