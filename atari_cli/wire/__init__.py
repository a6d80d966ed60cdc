"""What travels between server and client: models, JSON text, and the messages of `atari.v1`.

No socket is known here. The client needs no models, so that pydantic costs it nothing.
"""
