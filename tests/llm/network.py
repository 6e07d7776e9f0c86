"""Notes each host that a library wants to reach, and refuses it."""

import socket

LOCAL = ("localhost", "127.0.0.1", "::1", "0.0.0.0", "", None)


def forbid():
    """Refuses every host but this machine from now on. Gives the set that takes the names asked for."""
    asked = set()
    real = socket.getaddrinfo

    def getaddrinfo(host, *arguments, **options):
        name = host.decode() if isinstance(host, bytes) else host
        if name not in LOCAL and name != socket.gethostname():
            asked.add(str(name))
            raise socket.gaierror(f"{name}: the network is not to be used")
        return real(host, *arguments, **options)

    socket.getaddrinfo = getaddrinfo
    return asked
