"""What the canary runs inside: it tries things and prints what it saw, as JSON.

What that means is decided outside. It is text, since it runs under a bare interpreter that sees
nothing of this package.
"""

SCOUT = r"""
import json, os, socket, stat, sys
facts = json.loads(sys.argv[1])
def attempt(act):
    try:
        act()
    except OSError as error:
        return type(error).__name__ + ": " + str(error)
    return ""
def tcp(address):
    socket.create_connection(address, timeout=0.3).close()
def udp(address):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"canary", address)
def loopback():
    with socket.create_server(("127.0.0.1", 0)) as server:
        with socket.create_connection(server.getsockname(), timeout=1) as client:
            client.sendall(b"x")
        server.accept()[0].close()
def write(path):
    with open(path, "w") as file:
        file.write("changed")
def writable_settings():
    for place, folders, files in os.walk("/proc"):
        if place == "/proc":
            folders[:] = [n for n in folders if not n.isdigit() and n not in ("self", "thread-self")]
        for path in (os.path.join(place, name) for name in files):
            if stat.S_ISREG(os.lstat(path).st_mode) and os.access(path, os.W_OK):
                yield path
def variables():
    names = set(os.environ)
    for process in ("1", "self"):
        try:
            with open("/proc/%s/environ" % process, "rb") as file:
                entries = file.read().split(b"\0")
        except OSError:
            continue
        names |= {entry.split(b"=")[0].decode() for entry in entries if entry}
    return sorted(names)
def names_in(path):
    try:
        return sorted(os.listdir(path))
    except OSError:
        return []
print(json.dumps({
    "tcp": attempt(lambda: tcp(("127.0.0.1", facts["tcp"]))),
    "far": attempt(lambda: tcp(("192.0.2.1", 9))),
    "udp": attempt(lambda: udp(("127.0.0.1", facts["udp"]))),
    "loopback": attempt(loopback),
    "outside": attempt(lambda: write(facts["outside"])),
    "shown": attempt(lambda: write(facts["shown"])),
    "inside": attempt(lambda: write("inside.txt")),
    "settings": list(writable_settings())[:5],
    "home": names_in(facts["home"]),
    "variables": variables(),
    "processes": len([n for n in names_in("/proc") if n.isdigit()]),
}))
"""
