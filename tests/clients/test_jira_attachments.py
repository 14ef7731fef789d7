"""Files that hang on a ticket, against a Jira on loopback."""

import pytest

from mergewright.clients.attachment_texts import MAX_IMAGE_BYTES, MAX_TEXT_BYTES
from mergewright.errors import AccessDenied, NotFound, Rejected, ServiceUnavailable
from tests.clients.jira_server import JiraServer, fault, tracker_of
from tests.clients.loopback import Answer, LoopbackServer

KEY = "SHOP-7"
PNG = b"\x89PNG\x00rest"


class Storage(LoopbackServer):
    """Where a Cloud keeps files; it needs no credentials."""

    def answer(self, request):
        if request.path == "/away":
            return Answer(303, headers={"Location": f"{self.url}/away"})
        return Answer(200, b"from storage")


@pytest.fixture(params=[True, False], ids=["cloud", "server"])
def jira(request):
    server = JiraServer(cloud=request.param)
    yield server
    server.close()


@pytest.fixture
def storage():
    server = Storage()
    yield server
    server.close()


def attach(server, *files):
    about = []
    for number, (name, media_type, held) in enumerate(files):
        size = len(held) if isinstance(held, bytes) else 20
        server.files[str(number)] = held
        about.append({"id": str(number), "filename": name, "mimeType": media_type, "size": size})
    server.add_issue(attachment=about)


def test_texts_are_read_and_images_listed(jira):
    attach(
        jira,
        ("trace log.txt", "text/plain", "Brøl\r\n".encode()),
        ("a.json", "application/json", b"{}"),
        ("fix.patch", "application/octet-stream", b"+x"),
        ("shot.png", "image/png", PNG),
        ("core", "application/octet-stream", b"\0"),
        ("odd.log", "text/plain", b"a\0b"),
    )
    found = tracker_of(jira).ticket(KEY).attachments
    assert [one.text for one in found] == ["Brøl", "{}", "+x", "", "", ""]
    assert [one.is_image for one in found] == [False, False, False, True, False, False]
    assert (found[3].media_type, found[3].size_bytes) == ("image/png", len(PNG))
    assert found[0].url == f"{jira.url}/secure/attachment/0/trace%20log.txt"
    fetched = [one.path for one in jira.requests if "attachment" in one.path]
    assert len(fetched) == 4
    assert tracker_of(jira).attachment(KEY, "shot.png") == PNG


def test_a_long_text_is_cut_with_a_note_and_all_texts_together_are_bounded(jira):
    long = b"x" * (MAX_TEXT_BYTES + 10)
    attach(jira, *((f"{n}.log", "text/plain", long) for n in range(5)))
    texts = [one.text for one in tracker_of(jira).ticket(KEY).attachments]
    assert texts[0].endswith(f"x\n[... cut here: 10 of {len(long)} bytes are left out]")
    assert sum(map(len, texts)) < 4 * MAX_TEXT_BYTES
    assert texts[-1] == ""


def test_an_attachment_that_may_not_be_read_is_listed_without_its_text(jira):
    attach(jira, ("a.txt", "text/plain", fault(403, "no")))
    [found] = tracker_of(jira).ticket(KEY).attachments
    assert (found.name, found.text) == ("a.txt", "")


def test_a_file_that_is_elsewhere_is_fetched_without_credentials(jira, storage):
    attach(jira, ("a.txt", "text/plain", Answer(303, headers={"Location": f"{storage.url}/f"})))
    [found] = tracker_of(jira).ticket(KEY).attachments
    assert found.text == "from storage"
    [request] = storage.requests
    assert not {"authorization", "cookie"} & set(request.headers)


@pytest.mark.parametrize("target", ["/away", "file:///etc/passwd", "ftp://example.org/x"])
def test_a_file_that_is_nowhere(jira, storage, target):
    where = f"{storage.url}{target}" if target.startswith("/") else target
    attach(jira, ("a.png", "image/png", Answer(302, headers={"Location": where})))
    with pytest.raises(Rejected, match="sends us on too often, or to an address that is not safe"):
        tracker_of(jira).attachment(KEY, "a.png")


def test_an_attachment_that_is_not_there_or_too_large(jira):
    attach(jira, ("a.png", "image/png", PNG))
    jira.issues[KEY].fields["attachment"][0]["size"] = MAX_IMAGE_BYTES + 1
    tracker = tracker_of(jira)
    with pytest.raises(Rejected, match="at most 5242880"):
        tracker.attachment(KEY, "a.png")
    with pytest.raises(NotFound, match=r"no attachment 'b\.png'.*'a\.png'"):
        tracker.attachment(KEY, "b.png")
    jira.issues[KEY].fields["attachment"][0]["size"] = 1
    jira.files["0"] = b"x" * (MAX_IMAGE_BYTES + 1)
    with pytest.raises(Rejected, match="at most 5242880"):
        tracker.attachment(KEY, "a.png")


def test_an_attachment_of_a_jira_that_fails(jira):
    attach(jira, ("a.png", "image/png", fault(503)))
    with pytest.raises(ServiceUnavailable, match=r"read the attachment 'a\.png'"):
        tracker_of(jira).attachment(KEY, "a.png")
    jira.files["0"] = fault(403)
    with pytest.raises(AccessDenied):
        tracker_of(jira).attachment(KEY, "a.png")
