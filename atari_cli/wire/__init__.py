"""Messages between server and client: models, JSON text, and the messages of `atari.v1`.

There are no sockets here. The client does not use the models, so it need not load pydantic.
"""
