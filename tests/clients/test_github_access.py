import pytest

from mergewright.clients.github_access import FOR_ISSUES, FOR_PULL_REQUESTS, access_of
from mergewright.clients.github_connection import open_github
from mergewright.errors import AccessDenied, NotFound, SettingInvalid
from tests.clients.app_key import APP_KEY, connect_app
from tests.clients.github_server import TOKEN, GitHubServer


@pytest.fixture
def server():
    server = GitHubServer()
    yield server
    server.close()


def check(server, token=TOKEN, **options):
    return access_of(open_github(token, api_url=server.url), **options)


def test_a_classic_token_names_its_scopes(server):
    access = check(server)
    assert (access.account, access.place, access.missing) == ("mw-bot", server.host, ())
    server.scopes = "public_repo, gist"
    assert check(server).missing == ("repo: private repositories are closed to it",)
    server.scopes = ""
    with pytest.raises(AccessDenied, match="lacks the scope 'repo'"):
        check(server)


def test_a_fine_grained_token_tells_only_what_it_may_push(server):
    server.scopes, server.can_push = None, False
    access = check(server, repository=server.repository)
    assert access.account.startswith("mw-bot (fine-grained token")
    assert access.place == "team/shop"
    assert [one.partition(":")[0] for one in access.missing] == ["push"]
    assert check(server, repository=server.repository, needs=FOR_ISSUES).missing == ()


def test_an_app_knows_its_permissions(server):
    server.app_key = APP_KEY.public_key()
    granted = {name: need.level for name, need in FOR_PULL_REQUESTS.items()}
    server.installation_permissions = granted | {"checks": "read", "statuses": "write"}
    del server.installation_permissions["actions"]
    access = access_of(connect_app(server))
    assert access.account == "mergewright-app[bot] at team"
    assert [one.partition(":")[0] for one in access.missing] == [
        "checks (write)",
        "actions (write)",
    ]
    assert access_of(connect_app(server), needs=FOR_ISSUES).missing == ()
    server.installation_permissions = {"issues": "read"}
    for needs, name in ((FOR_PULL_REQUESTS, "pull_requests"), (FOR_ISSUES, "issues")):
        with pytest.raises(AccessDenied, match=name):
            access_of(connect_app(server), needs=needs)


def test_what_is_not_accepted_at_all(server):
    with pytest.raises(AccessDenied):
        check(server, token="ghp_wrong")
    with pytest.raises(NotFound):
        check(server, repository="team/other")
    with pytest.raises(SettingInvalid):
        check(server, repository="https://example.org/a/b")
