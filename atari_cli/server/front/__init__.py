"""The front of the server: its lifecycle, its connections and the way to a WebSocket."""
