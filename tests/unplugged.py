"""Run a command, and everything it starts, with the network unplugged: `python tests/unplugged.py COMMAND …`.

On Linux the command gets a network of its own with nothing in it but loopback. Where the system does not allow that,
every Python process below refuses connections to anything but loopback instead (see `offline/sitecustomize.py`).
"""

import ctypes
import fcntl
import os
import socket
import struct
import sys
from pathlib import Path

CLONE_NEWUSER, CLONE_NEWNET = 0x1000_0000, 0x4000_0000
SIOCSIFFLAGS, IFF_UP = 0x8914, 0x1


def main(command: list[str]) -> None:
    how = "a network of its own" if leave_the_network() else "connections refused in every Python process"
    if how.startswith("connections"):
        guard = str(Path(__file__).parent / "offline")
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [guard, os.environ.get("PYTHONPATH")]))
    print(f"unplugged: {how}", file=sys.stderr, flush=True)  # noqa: T201
    os.execvp(command[0], command)  # noqa: S606


def leave_the_network() -> bool:
    """Move this process into a network with loopback only, and say whether that was possible."""
    if not sys.platform.startswith("linux"):
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.getuid(), os.getgid()
    if libc.unshare(CLONE_NEWNET) != 0:
        if libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0:
            return False
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))
    return True


if __name__ == "__main__":
    main(sys.argv[1:])
