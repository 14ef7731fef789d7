"""Every call of a client to a service outside goes through the guards.

By reading the code: what sends, in a module that holds an outside library's client, is found only
below what is handed to `call_with_retries`, or inside `with guarded(...).calling()`.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

CLIENTS = Path(__file__).parents[2] / "mergewright" / "clients"
LIBRARIES = {"httpx", "requests", "slack_sdk", "atlassian", "smtplib", "aiosmtplib"}
SENDERS = {"client", "session", "smtp", "mailer", *LIBRARIES}
"""What holds a library's client is named so."""
SILENT = {"close", "resource_url", "url", "Client", "Timeout", "Limits", "HTTPTransport"}
"""What of these sends nothing."""


def is_class(name: str) -> bool:
    return name[:1].isupper()


def holds_a_client(tree: ast.Module) -> bool:
    names = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [alias.name for alias in node.names]
        )
    }
    return bool(names & LIBRARIES)


def is_sending(call: ast.Call) -> bool:
    if not isinstance(call.func, ast.Attribute):
        return False
    name, receiver = call.func.attr, call.func.value
    held = receiver.attr if isinstance(receiver, ast.Attribute) else getattr(receiver, "id", "")
    return held.strip("_") in SENDERS and name not in SILENT and not is_class(name)


def name_of(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def guards(item: ast.withitem) -> bool:
    call = item.context_expr
    return isinstance(call, ast.Call) and name_of(call.func) in {"calling", "attempting"}


def places(node: ast.AST, function: str, guarded: bool) -> Iterator[tuple[ast.Call, str, bool]]:
    """Yield each call with the function it is in and whether what is around it guards it."""
    for child in ast.iter_child_nodes(node):
        inner, safe = function, guarded
        if isinstance(child, ast.FunctionDef):
            inner, safe = child.name, False
        elif isinstance(child, ast.With):
            safe = guarded or any(guards(item) for item in child.items)
        elif isinstance(child, ast.Call):
            yield child, function, guarded
            safe = guarded or name_of(child.func) == "call_with_retries"
        yield from places(child, inner, safe)


def unguarded(tree: ast.Module) -> list[str]:
    found = list(places(tree, "", guarded=False))
    handed = {
        name_of(argument)
        for call, _, _ in found
        if name_of(call.func) == "call_with_retries"
        for argument in call.args
    }
    functions = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    callers = {
        name: [(inside, safe) for call, inside, safe in found if name_of(call.func) == name]
        for name in functions
    }
    safe_functions = handed & functions
    while True:
        more = {
            name
            for name in functions - safe_functions
            if callers[name]
            and all(safe or inside in safe_functions for inside, safe in callers[name])
        }
        if not more:
            break
        safe_functions |= more
    return [
        f"line {call.lineno}: {ast.unparse(call.func)} in {inside or 'the module'}"
        for call, inside, safe in found
        if is_sending(call) and not safe and inside not in safe_functions
    ]


MODULES = {path.name: ast.parse(path.read_text()) for path in sorted(CLIENTS.glob("*.py"))}
CALLING = [name for name, tree in MODULES.items() if holds_a_client(tree)]


@pytest.mark.parametrize("name", CALLING)
def test_every_outside_call_is_guarded(name):
    assert unguarded(MODULES[name]) == []


def test_calls_are_found_in_the_clients():
    sending = {
        name
        for name in CALLING
        if any(is_sending(call) for call, _, _ in places(MODULES[name], "", guarded=False))
    }
    assert "jira_api.py" in sending
    assert len(sending) > 1


GUARDED = """
import httpx
class Api:
    def read(self):
        def attempt():
            return self._send()
        return call_with_retries(attempt, service="x")
    def write(self):
        return call_with_retries(lambda: self._client.post("/"), service="x")
    def ask(self):
        with guarded("x", "y").calling():
            return httpx.get("/")
    def _send(self):
        return self._client.get("/")
"""


def test_the_search_finds_what_it_is_for():
    assert unguarded(ast.parse(GUARDED)) == []
    for line, found in (
        ("    def peek(self):\n        return self._client.get('/')\n", "self._client.get in peek"),
        ("    def peek(self):\n        return self._send()\n", "self._client.get in _send"),
        ("httpx.get('/')\n", "httpx.get in the module"),
    ):
        (told,) = unguarded(ast.parse(GUARDED + line))
        assert told.endswith(found)
