from datetime import UTC, datetime, timedelta

import pytest

from mergewright.analysis.owners import read_owners
from mergewright.analysis.reviewers import Candidates, Touch, choose_reviewers, is_bot, login_of

NOW = datetime(2026, 5, 4, tzinfo=UTC)


def touch(who, days=0, path="a.py", mail=""):
    return Touch(
        path, who.title(), mail or f"7+{who}@users.noreply.github.com", NOW - timedelta(days)
    )


def names(suggestions):
    return [one.name for one in suggestions]


def test_owners_come_before_the_named_and_these_before_authors():
    known = Candidates(
        paths=["a.py", "b.py"],
        rules=read_owners("*.py @owner @org/team\nb.py @owner\n"),
        named=["named"],
        touches=[touch("author"), touch("owner")],
    )
    asked, rest = choose_reviewers(known, at_most=3)
    assert names(asked) == ["owner", "team", "named"]
    assert [one.team for one in asked] == [False, True, False]
    assert asked[0].reason == "they own a.py, b.py by CODEOWNERS"
    assert asked[1].reason == "it owns a.py by CODEOWNERS"
    assert names(rest) == ["author"]


def test_the_one_for_whom_fewer_wait_is_asked_first_and_ties_are_settled_by_name():
    known = Candidates(paths=["a.py"], rules=read_owners("* @busy @Zoe @anna\n"))
    assert names(choose_reviewers(known, at_most=2)[0]) == ["anna", "busy"]
    busy = known._replace(open_reviews={"anna": 4, "zoe": 1})
    assert names(choose_reviewers(busy, at_most=2)[0]) == ["busy", "Zoe"]


def test_newer_work_counts_more_and_bots_count_nothing():
    touches = [touch("old", days=400), touch("old", days=401), touch("new")]
    touches += [touch("dependabot[bot]"), touch("renovate", mail="29139614+renovate[bot]@x.org")]
    asked, rest = choose_reviewers(Candidates(paths=["a.py"], touches=touches), at_most=5)
    assert names(asked) == ["new", "old"]
    assert rest == ()


def test_the_author_is_never_asked_and_people_without_an_account_are_only_named():
    known = Candidates(
        paths=["a.py"],
        rules=read_owners("* @Me mail@example.com\n"),
        touches=[touch("ada", mail="ada@example.com"), touch("x", mail="me@example.com")],
        never=["me", "me@example.com"],
    )
    asked, rest = choose_reviewers(known, at_most=5)
    assert asked == ()
    assert names(rest) == ["mail@example.com", "Ada"]
    mapped = known._replace(logins={"ADA@example.com": "ada-l", "mail@example.com": "mel"})
    assert names(choose_reviewers(mapped, at_most=5)[0]) == ["mel", "ada-l"]


def test_somebody_who_is_known_by_two_addresses_is_one_person():
    touches = [touch("ada"), touch("ada", mail="ada@example.com", path="b.py")]
    known = Candidates(paths=["a.py"], touches=touches, logins={"ada@example.com": "Ada"})
    asked, _ = choose_reviewers(known, at_most=5)
    assert [one.reason for one in asked] == ["they worked on a.py, b.py lately"]


@pytest.mark.parametrize(
    ("mail", "login"),
    [
        ("12345+octo-cat@users.noreply.github.com", "octo-cat"),
        ("octocat@users.noreply.github.com", "octocat"),
        ("octocat@users.noreply.github.example.org", "octocat"),
        ("octocat@github.com", ""),
        ("a+b+c@users.noreply.github.com", ""),
    ],
)
def test_a_noreply_address_tells_the_login(mail, login):
    assert login_of(mail, {}) == login


@pytest.mark.parametrize(
    ("name", "mail", "bot"),
    [
        ("dependabot[bot]", "x@y.z", True),
        ("Renovate", "bot@renovateapp.com", True),
        ("release-bot", "x@y.z", True),
        ("Abbott", "abbot@example.com", False),
        ("Roboto Sans", "r@example.com", False),
    ],
)
def test_bots(name, mail, bot):
    assert is_bot(name, mail) is bot
