"""Loaded first by every Python process whose path names this folder: nothing but loopback can be reached."""

import socket

_connect = socket.socket.connect


def _connect_to_loopback_only(self: socket.socket, address: object) -> None:
    if self.family in (socket.AF_INET, socket.AF_INET6):
        host = address[0]  # type: ignore[index]
        if host not in ("127.0.0.1", "::1", "localhost"):
            raise OSError(101, f"the network is unplugged: {host!r}")
    _connect(self, address)  # type: ignore[arg-type]


socket.socket.connect = _connect_to_loopback_only  # type: ignore[method-assign]
