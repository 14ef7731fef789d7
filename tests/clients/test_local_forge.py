import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mergewright.clients.local_forge import LocalForge
from mergewright.errors import NotFound, Rejected, SettingInvalid
from tests.clients.pull_request_samples import draft

AT = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    path = tmp_path / "parcels"
    subprocess.run(["git", "init", "-q", str(path)], check=True)
    return path


def forge(**kinds) -> LocalForge:
    return LocalForge(clock=lambda: AT, **kinds)


def test_a_pull_request_is_a_file_beside_the_repository(repository):
    pull_request, found = forge().open_pull_request(draft(repository))
    path = repository.parent / "parcels.pulls" / "0001-fix-todo-7-lost.md"
    assert not found
    assert pull_request.url == path.as_uri()
    assert pull_request.title == 'TODO-7: Keep "0 kg": parcels # listed'
    assert path.read_text() == (
        "---\n"
        "number: 1\n"
        "title: 'TODO-7: Keep \"0 kg\": parcels # listed'\n"
        "state: open\n"
        "head: fix/todo-7-lost\n"
        f"head_commit: {'a' * 40}\n"
        "base: main\n"
        f"base_commit: {'b' * 40}\n"
        "ticket: TODO-7\n"
        "labels:\n"
        "- bug\n"
        "created_at: '2026-05-04T12:00:00+00:00'\n"
        "---\n\n"
        "## Why\n\n---\nkey: x\n---\n"
    )
    assert sorted(repository.iterdir()) == [repository / ".git"]


def test_the_same_head_is_found_and_its_body_follows(repository):
    first, _ = forge().open_pull_request(draft(repository))
    path = Path(first.url.removeprefix("file://"))
    written_at = path.stat().st_mtime_ns
    assert forge().open_pull_request(draft(repository)) == (first, True)
    assert path.stat().st_mtime_ns == written_at
    later = LocalForge(clock=lambda: datetime(2027, 1, 1, tzinfo=UTC))
    assert later.open_pull_request(draft(repository, body="New body")) == (first, True)
    assert path.read_text().endswith("---\n\nNew body\n")
    assert "2026-05-04" in path.read_text()


def test_a_closed_pull_request_does_not_stand_in_the_way(repository):
    first, _ = forge().open_pull_request(draft(repository))
    path = Path(first.url.removeprefix("file://"))
    path.write_text(path.read_text().replace("state: open", "state: closed"))
    second, found = forge().open_pull_request(draft(repository))
    assert (second.number, found) == (2, False)
    known = forge().pull_requests(str(repository), "TODO-7")
    assert [(one.number, one.state) for one in known] == [(1, "closed"), (2, "open")]
    assert forge().pull_requests(str(repository), "TODO-8") == ()


def test_looking_for_pull_requests_writes_nothing(repository):
    assert forge().pull_requests(str(repository), "TODO-7") == ()
    assert not (repository.parent / "parcels.pulls").exists()


OPENER = """
import sys
from mergewright.clients.local_forge import LocalForge
from mergewright.domain.pull_request import PullRequestDraft
for head in sys.argv[2:]:
    LocalForge().open_pull_request(PullRequestDraft(
        repository=sys.argv[1], title=head, body="x", head=head, head_commit="a", base="main",
        base_commit="b", ticket_key="T-1"))
"""


def test_concurrent_openers_take_each_number_once_and_each_head_once(repository):
    heads = [f"feature/t-{number}" for number in range(12)]
    openers = [
        subprocess.Popen([sys.executable, "-c", OPENER, str(repository), *order])
        for order in (heads, heads[::-1])
    ]
    assert [opener.wait(60) for opener in openers] == [0, 0]
    known = forge().pull_requests(str(repository), "T-1")
    assert [one.number for one in known] == list(range(1, 13))
    assert sorted(one.head for one in known) == sorted(heads)


@pytest.mark.parametrize("form", ["{}", "{}/", "{}/.git", "file://{}", "file://localhost{}/"])
def test_all_spellings_of_a_local_repository_share_a_folder(repository, form):
    folder = forge().pulls_folder(form.format(repository))
    assert folder == repository.parent / "parcels.pulls"


def test_a_bare_repository_loses_its_ending(tmp_path):
    (tmp_path / "parcels.git").mkdir()
    folder = forge().pulls_folder(str(tmp_path / "parcels.git"))
    assert folder == tmp_path / "parcels.pulls"


def test_urls_need_a_folder_and_lose_their_credentials(tmp_path):
    url = "https://user:token@example.org/team/parcels.git"
    with pytest.raises(SettingInvalid) as caught:
        forge().pulls_folder(url)
    assert "token" not in str(caught.value)
    folder = forge(folder=tmp_path).pulls_folder(url)
    assert folder.parent == tmp_path
    assert folder.name.startswith("parcels-")
    assert folder.name.endswith(".pulls")
    assert folder == forge(fallback=tmp_path).pulls_folder("https://Example.org/team/parcels/")
    assert folder != forge(folder=tmp_path).pulls_folder("https://example.org/other/parcels")
    scp = forge(folder=tmp_path).pulls_folder("git@example.org:parcels.git")
    assert scp.name.startswith("parcels-")


def test_a_folder_keeps_repositories_of_one_name_apart(tmp_path):
    pulls = forge(folder=tmp_path / "pulls")
    for parent in ("a", "b"):
        (tmp_path / parent / "parcels").mkdir(parents=True)
        pulls.open_pull_request(draft(tmp_path / parent / "parcels"))
    assert len(pulls.pull_requests(str(tmp_path / "a" / "parcels"), "TODO-7")) == 1
    assert len(list((tmp_path / "pulls").iterdir())) == 2


def test_the_fallback_is_for_urls_only(repository, tmp_path):
    folder = forge(fallback=tmp_path / "elsewhere").pulls_folder(str(repository))
    assert folder == repository.parent / "parcels.pulls"


@pytest.mark.parametrize("name", ["/no/such/place", "relative/nothing", "file:///no/such"])
def test_a_missing_repository_is_not_found(name):
    with pytest.raises(NotFound):
        forge().open_pull_request(draft(name))


@pytest.mark.parametrize("name", ["", "x\0"])
def test_what_is_no_repository_is_refused(name):
    with pytest.raises(Rejected):
        forge().pull_requests(name, "TODO-7")


@pytest.mark.parametrize(
    ("old", "new"), [("state: open", "state: ajar"), ("head: fix", "hed: fix"), ("---\n", "")]
)
def test_a_broken_file_is_named_with_its_line(repository, old, new):
    first, _ = forge().open_pull_request(draft(repository))
    path = Path(first.url.removeprefix("file://"))
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(Rejected, match=r"0001-fix-todo-7-lost\.md', line \d+") as caught:
        forge().open_pull_request(draft(repository, head="feature/other"))
    assert caught.value.hint


def test_hostile_titles_and_bodies_stay_in_their_place(repository):
    title = "x\n---\nstate: merged\n\"': [a, b] \ud800"
    first, _ = forge().open_pull_request(draft(repository, title=title, body="---\n\ud800"))
    assert first.state == "open"
    assert first.title.startswith("x --- state: merged \"': [a, b] ")
    assert forge().pull_requests(str(repository), "TODO-7") == (first,)


def close(repository, number=1, **changes):
    fields = {"head_commit": "a" * 40, "reason": "The run\nwas undone."}
    return forge().close_pull_request(str(repository), number, **fields | changes)


def test_an_open_pull_request_is_closed_and_says_why(repository):
    first, _ = forge().open_pull_request(draft(repository))
    path = Path(first.url.removeprefix("file://"))
    before = path.read_text()
    assert close(repository, rehearse=True).outcome == "undone"
    assert path.read_text() == before
    assert close(repository) == ("undone", "It was open; it is closed, not merged.", first.url)
    (closed,) = forge().pull_requests(str(repository), "TODO-7")
    assert closed == first.model_copy(update={"state": "closed"})
    text = path.read_text()
    assert 'closed_at: "2026-05-04T12:00:00+00:00"\n' in text
    assert 'closed_because: "The run was undone."\n' in text
    assert text.partition("---\n\n")[2] == before.partition("---\n\n")[2]
    assert close(repository).outcome == "already"
    assert path.read_text() == text


@pytest.mark.parametrize(
    ("old", "new", "outcome"),
    [
        ("state: open", "state: merged", "kept"),
        ("state: open", "state: closed", "already"),
        (f"head_commit: {'a' * 40}", f"head_commit: {'c' * 40}", "kept"),
    ],
)
def test_a_pull_request_that_others_changed_is_left_alone(repository, old, new, outcome):
    first, _ = forge().open_pull_request(draft(repository))
    path = Path(first.url.removeprefix("file://"))
    path.write_text(path.read_text().replace(old, new))
    before = path.read_text()
    for rehearse in (True, False):
        assert close(repository, rehearse=rehearse).outcome == outcome
    assert path.read_text() == before


def test_a_pull_request_that_is_gone_needs_no_closing(repository):
    assert close(repository).outcome == "already"
    assert not (repository.parent / "parcels.pulls").exists()
    forge().open_pull_request(draft(repository))
    assert close(repository, number=2).outcome == "already"
