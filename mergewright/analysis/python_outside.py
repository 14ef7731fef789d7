"""Calls in a Python test file that leave the process, or sleep, under whatever name it imports them.

Source: docs.python.org/3/library (subprocess, os, socket, urllib.request, asyncio), the quick starts
of requests, httpx and aiohttp, read 2026-11-20.
"""

import ast
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from mergewright.analysis.case_facts import OutsideCall

_NETWORK: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        module: frozenset(names.split())
        for module, names in {
            "requests": "get post put patch delete head options request Session session",
            "httpx": "get post put patch delete head options request stream Client AsyncClient",
            "aiohttp": "ClientSession request",
            "urllib.request": "urlopen urlretrieve build_opener",
            "urllib3": "PoolManager HTTPConnectionPool HTTPSConnectionPool request",
            "http.client": "HTTPConnection HTTPSConnection",
            "socket": "socket create_connection getaddrinfo gethostbyname",
            "asyncio": "open_connection",
            "ftplib": "FTP FTP_TLS",
            "smtplib": "SMTP SMTP_SSL",
            "paramiko": "SSHClient Transport",
            "websocket": "create_connection WebSocket WebSocketApp",
            "websockets": "connect",
            "grpc": "insecure_channel secure_channel",
        }.items()
    }
)
_PROCESS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        module: frozenset(names.split())
        for module, names in {
            "subprocess": "run call check_call check_output Popen getoutput getstatusoutput",
            "os": "system popen fork execv execve execvp execl execlp spawnl spawnv posix_spawn"
            " startfile",
            "asyncio": "create_subprocess_exec create_subprocess_shell",
            "pty": "spawn fork",
            "pexpect": "spawn run",
            "sh": "Command",
        }.items()
    }
)
_SLEEP: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        module: frozenset({"sleep"})
        for module in ("time", "asyncio", "trio", "anyio", "gevent", "eventlet")
    }
)
_KINDS: Final = (("network", _NETWORK), ("process", _PROCESS), ("sleep", _SLEEP))
_IMPORTING: Final = frozenset(("__import__", "import_module", "importlib.import_module"))


def outside_calls(module: ast.Module) -> Iterator[OutsideCall]:
    """Yield the calls of a file that leave the process or sleep."""
    names = _imported(module)
    for node in ast.walk(module):
        if not isinstance(node, ast.Call):
            continue
        called = _resolve(node.func, names)
        owner, _, last = called.rpartition(".")
        for kind, table in _KINDS:
            if last in table.get(owner, ()) and not _is_yielding(kind, node):
                yield OutsideCall(kind=kind, name=called, line=node.lineno)


def _imported(module: ast.Module) -> dict[str, str]:
    """Return what the names of a file stand for, by its imports."""
    names: dict[str, str] = {}
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            for one in node.names:
                first = one.name.partition(".")[0]
                names[one.asname or first] = one.name if one.asname else first
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for one in node.names:
                names[one.asname or one.name] = f"{node.module}.{one.name}"
    return names


def _resolve(node: ast.expr, names: Mapping[str, str]) -> str:
    """Return the full name of what an expression stands for; empty when that is not known."""
    if isinstance(node, ast.Attribute):
        owner = _resolve(node.value, names)
        return f"{owner}.{node.attr}" if owner else ""
    if isinstance(node, ast.Name):
        return names.get(node.id, node.id)
    if isinstance(node, ast.Call) and _resolve(node.func, names) in _IMPORTING and node.args:
        return str(getattr(node.args[0], "value", ""))
    return ""


def _is_yielding(kind: str, call: ast.Call) -> bool:
    """Whether a sleep of nothing only lets others work."""
    first = call.args[0] if call.args else None
    return kind == "sleep" and isinstance(first, ast.Constant) and first.value == 0
