import pytest

from mergewright.clients.github_address import GITHUB_API, address_of, parse_repository
from mergewright.errors import SettingInvalid

WEB = "https://github.com"


def test_the_addresses_of_each_github():
    assert address_of() == (GITHUB_API, f"{GITHUB_API}/graphql", WEB)
    assert address_of("https://git.example.org/api/v3/") == (
        "https://git.example.org/api/v3",
        "https://git.example.org/api/graphql",
        "https://git.example.org",
    )
    proxied = address_of("http://127.0.0.1:8080", "https://git.example.org/")
    assert proxied == (
        "http://127.0.0.1:8080",
        "http://127.0.0.1:8080/graphql",
        "https://git.example.org",
    )


@pytest.mark.parametrize(
    "url",
    [
        *("", "api.github.com", "ftp://x", "https://", "https://u:pw@x", "https://x/?q=1"),
        *("https://x/#a", "https://x:port", "https://x\n"),
    ],
)
def test_an_address_that_is_none(url):
    with pytest.raises(SettingInvalid) as caught:
        address_of(url)
    assert "pw" not in str(caught.value)


@pytest.mark.parametrize(
    "name",
    [
        *("https://github.com/Team/shop.js", "https://github.com/Team/shop.js.git"),
        *("https://github.com/Team/shop.js/", "https://GitHub.com/Team/shop.js"),
        *("git@github.com:Team/shop.js.git", "ssh://git@github.com/Team/shop.js.git"),
        *("ssh://git@ssh.github.com:443/Team/shop.js.git", "Team/shop.js"),
    ],
)
def test_all_spellings_of_a_repository(name):
    assert parse_repository(name, WEB) == ("Team", "shop.js")


@pytest.mark.parametrize(
    "name",
    [
        *("", "shop", "/srv/team/shop", "../x", "team/..", "team/shop/x", "-a/b", "a b/c"),
        *("https://github.com/team", "https://github.com/team/shop/pull/1", "file:///team/shop"),
        *("https://example.org/team/shop", "https://github.com.example.org/team/shop"),
        *(
            "git@example.org:team/shop",
            "https://github.com/team/shop?x=1",
            "ssh://root@github.com/a/b",
        ),
        *("https://ada:hunter22@github.com/team/shop", "https://hunter22@github.com/team/shop"),
        *("https://github.com:8443/team/shop", "https://[::1/a/b", "git@github.com:/team/shop"),
        *("https://github.com//team/shop", "team/shop\n"),
    ],
)
def test_what_is_no_repository_is_refused_and_passwords_are_masked(name):
    with pytest.raises(SettingInvalid) as caught:
        parse_repository(name, WEB)
    assert caught.value.hint
    assert "hunter22" not in f"{caught.value!r} {caught.value}"


def test_an_enterprise_below_a_path():
    web = "https://example.org/git"
    assert parse_repository("https://example.org/git/team/shop", web) == ("team", "shop")
    with pytest.raises(SettingInvalid, match="not below"):
        parse_repository("https://example.org/team/shop", web)
