"""What is spoken over WebSockets, one module per path or dialect."""
