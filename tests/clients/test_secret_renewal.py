"""A token that is refused in the middle of a run is read anew where it is kept, once."""

import base64

import pytest
from pydantic import SecretStr

from mergewright.clients.github_address import address_of
from mergewright.clients.github_api import GitHubApi
from mergewright.clients.jira_api import JiraApi, open_jira
from mergewright.clients.jira_issue import Answer as Form
from mergewright.clients.secret_renewal import ReferencedToken, renewing
from mergewright.errors import AccessDenied
from tests.clients.loopback import Answer, LoopbackServer


class Guarded(LoopbackServer):
    """Lets one credential in."""

    def __init__(self, header):
        super().__init__()
        self.header = header

    def answer(self, request):
        if request.headers.get("authorization") != self.header:
            return Answer(401, {"message": "Bad credentials"})
        return Answer(200, {"name": "in"})


class Named(Form):
    name: str


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "token"
    path.write_text("renewal-token-1")
    path.chmod(0o600)
    return path, SecretStr(f"file://{path}")


def basic(token):
    return "Basic " + base64.b64encode(f"me:{token}".encode()).decode()


@pytest.mark.parametrize("username", ["me", ""], ids=["basic", "bearer"])
def test_jira(secret, username):
    path, reference = secret

    def header(token):
        return basic(token) if username else f"Bearer {token}"

    server = Guarded(header("renewal-token-1"))
    client = renewing(
        open_jira(server.url, "renewal-token-1", username=username), reference, username
    )
    api = JiraApi(client)
    assert api.read(Named, "myself", about="ask").name == "in"
    server.header = header("renewal-token-2")
    path.write_text("renewal-token-2")
    assert api.read(Named, "myself", about="ask").name == "in"
    assert len(server.requests) == 3
    path.write_text("renewal-token-3")
    server.header = "another"
    with pytest.raises(AccessDenied):
        api.read(Named, "myself", about="ask")
    assert len(server.requests) == 5
    with pytest.raises(AccessDenied):
        api.read(Named, "myself", about="ask")
    assert len(server.requests) == 6, "the same token is not tried twice"
    server.close()


def test_github(secret):
    path, reference = secret
    server = Guarded("Bearer renewal-token-1")
    api = GitHubApi(address_of(server.url), ReferencedToken(reference))
    assert api.read(Named, "user", about="ask").name == "in"
    server.header = "Bearer renewal-token-2"
    path.write_text("renewal-token-2")
    assert api.read(Named, "user", about="ask").name == "in"
    assert len(server.requests) == 3
    server.header = "another"
    with pytest.raises(AccessDenied):
        api.read(Named, "user", about="ask")
    assert len(server.requests) == 4, "the same token is not tried twice"
    server.close()


def test_a_token_itself_is_left_to_the_library():
    client = open_jira("http://127.0.0.1:9", "plain-token-1", username="me")
    before = client._session.auth
    assert renewing(client, SecretStr("plain-token-1"), "me")._session.auth is before
    assert not ReferencedToken(SecretStr("plain-token-1")).renew("plain-token-1")
