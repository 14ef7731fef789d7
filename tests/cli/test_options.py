import pytest

from mergewright.cli.options import build_request, parse_approve
from mergewright.domain.requests import ApprovalPoint, StandardDevRequest
from mergewright.errors import SettingInvalid

PLAN, CHANGE, PUBLISH = ApprovalPoint


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("none", ()),
        ("", ()),
        ("plan", (PLAN,)),
        ("change, plan", (PLAN, CHANGE)),
        ("Plan,plan", (PLAN,)),
        ("publish,plan", (PLAN, PUBLISH)),
    ],
)
def test_approval_points_are_read(text, points):
    assert parse_approve(text) == points


@pytest.mark.parametrize("text", ["all", "plan,none", "plan;change"])
def test_other_words_are_refused_by_name(text):
    with pytest.raises(SettingInvalid, match="--approve") as caught:
        parse_approve(text)
    assert repr(text) in caught.value.message


@pytest.mark.parametrize(
    ("field", "value", "option"),
    [
        ("budget_usd", 0, "--budget-usd 0"),
        ("budget_usd", 5000.0, "--budget-usd 5000.0"),
        ("max_repair_rounds", 6, "--max-repair-rounds 6"),
        ("model", "opus", "--model 'opus'"),
        ("profile", "My Team", "--profile 'My Team'"),
        ("base", "", "--base ''"),
        ("ticket", "", "TICKET ''"),
        ("repository", "r" * 2000, "--repo 'rrr"),
    ],
)
def test_a_bad_value_is_named_by_its_option(field, value, option):
    fields = {"ticket": "TALLY-7", "repository": "/srv/tally", field: value}
    with pytest.raises(SettingInvalid) as caught:
        build_request(StandardDevRequest, **fields)
    assert caught.value.message.startswith(option)
    assert len(caught.value.message) < 250
    assert caught.value.hint


def test_local_places_are_made_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("ticket.md", "tape.json"):
        (tmp_path / name).write_text("x")
    (tmp_path / "repository").mkdir()
    (tmp_path / "TALLY-7").mkdir()
    request = build_request(
        StandardDevRequest, ticket="ticket.md", repository="repository", model="recorded:tape.json"
    )
    assert request.ticket == str(tmp_path / "ticket.md")
    assert request.repository == str(tmp_path / "repository")
    assert request.model == f"recorded:{tmp_path / 'tape.json'}"
    keys = build_request(StandardDevRequest, ticket="TALLY-7", repository="https://host/x.git")
    assert (keys.ticket, keys.repository) == ("TALLY-7", "https://host/x.git")


@pytest.mark.parametrize(
    "address", ["https://ada:kept-secret@example.org/x.git", "https://kept-secret@example.org/x"]
)
def test_a_password_in_an_address_is_refused_and_not_repeated(address):
    with pytest.raises(SettingInvalid, match="carries a credential") as caught:
        build_request(StandardDevRequest, ticket="T-1", repository=address)
    assert "--repo" in caught.value.message
    assert "kept-secret" not in str(caught.value)


def test_the_user_of_ssh_is_no_credential():
    address = "ssh://git@example.org/team/x.git"
    assert build_request(StandardDevRequest, ticket="T-1", repository=address).repository == address
