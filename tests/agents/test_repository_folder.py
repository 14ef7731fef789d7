import os

import pytest
from langchain_core.tools import ToolException

from mergewright.agents.repository_folder import MAX_FILE_BYTES, RepositoryFolder
from mergewright.errors import WorkError


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "root"
    (root / "src").mkdir(parents=True)
    (root / "src" / "a.py").write_text("x = 1\n")
    (root / ".git").write_text("gitdir: elsewhere\n")
    (tmp_path / "secret.txt").write_text("secret")
    (root / "link.txt").symlink_to(tmp_path / "secret.txt")
    (root / "out").symlink_to(tmp_path)
    return root


@pytest.fixture
def repository(root):
    return RepositoryFolder(root)


@pytest.mark.parametrize(
    "path",
    [
        "../secret.txt",
        "src/../../secret.txt",
        "/etc/passwd",
        " /etc/passwd",
        "link.txt",
        "out/secret.txt",
        ".git",
        ".git/config",
        "src/.GIT/config",
        ".git./config",
        "a\0b",
        "",
        ".",
    ],
)
def test_nothing_outside_is_reached(repository, path):
    for act in (repository.read_text, repository.delete, lambda p: repository.write_text(p, "x")):
        with pytest.raises(ToolException):
            act(path)


def test_only_ordinary_files_are_listed(repository, root):
    (root / "__pycache__").mkdir()
    (root / "__pycache__" / "a.pyc").write_text("x")
    assert list(repository.paths()) == ["src/a.py"]
    assert list(repository.paths("src/")) == ["src/a.py"]
    with pytest.raises(ToolException, match="no folder 'lib'"):
        list(repository.paths("lib"))


def test_a_wrong_guess_is_answered_with_the_right_path(repository):
    with pytest.raises(ToolException, match=r"Did you mean src/a\.py\?"):
        repository.read_text("a.py")
    with pytest.raises(ToolException, match="Use list_files"):
        repository.read_text("b.py")


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"a\0b", "binary"), (b"\xff\xfe\xfa", "not UTF-8"), (b"x" * (MAX_FILE_BYTES + 1), "larger")],
)
def test_what_is_no_text_is_refused(repository, root, data, reason):
    (root / "data").write_bytes(data)
    with pytest.raises(ToolException, match=reason):
        repository.read_text("data")


def test_text_is_written_as_it_is(repository, root):
    repository.write_text("new/deep/a.txt", "one\r\ntwo")
    assert (root / "new" / "deep" / "a.txt").read_bytes() == b"one\r\ntwo"
    assert repository.read_text("new/deep/a.txt") == "one\r\ntwo"


def test_a_script_stays_executable(repository, root):
    (root / "src" / "a.py").chmod(0o755)
    repository.write_text("src/a.py", "x = 2\n")
    assert (root / "src" / "a.py").stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize("text", ["\ud800", "x" * (MAX_FILE_BYTES + 1)], ids=["half", "large"])
def test_text_that_cannot_be_a_file_is_refused(repository, root, text):
    with pytest.raises(ToolException):
        repository.write_text("new.txt", text)
    assert not (root / "new.txt").exists()


def test_a_file_in_the_way_is_the_models_matter(repository):
    with pytest.raises(ToolException, match=r"Cannot write 'src/a\.py/b'"):
        repository.write_text("src/a.py/b", "x")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is full")  # noqa: PTH110 - at collection
def test_a_full_disk_is_a_persons_matter(tmp_path):
    """The device answers every write as a full disk does."""
    with pytest.raises(WorkError, match="Cannot write 'full': No space left on device"):
        RepositoryFolder(tmp_path.__class__("/dev")).write_text("full", "x")
