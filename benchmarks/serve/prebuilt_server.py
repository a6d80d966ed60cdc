"""A server that answers every WebSocket frame with one prebuilt reply: a client's upper limit.

It reads the reply, a text message, from standard input, prints its port, and serves one connection
after another until it is killed. Like `atari serve`, it does not compress.
"""

import socket
import sys

from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol


def main() -> None:
    reply = Frame(Opcode.TEXT, sys.stdin.buffer.read()).serialize(mask=False)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        while True:
            connection, _ = listener.accept()
            with connection:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                _serve(connection, reply)


def _serve(connection: socket.socket, reply: bytes) -> None:
    protocol = ServerProtocol()
    while data := connection.recv(1 << 16):
        protocol.receive_data(data)
        for event in protocol.events_received():
            if isinstance(event, Request):
                protocol.send_response(protocol.accept(event))
            elif isinstance(event, Frame) and event.opcode is Opcode.TEXT:
                connection.sendall(reply)
        for answer in protocol.data_to_send():
            if not answer:
                return
            connection.sendall(answer)


if __name__ == "__main__":
    main()
