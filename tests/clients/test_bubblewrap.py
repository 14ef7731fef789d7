import sys
from pathlib import Path

from mergewright.clients.bubblewrap import Bind, interpreter_folders, shut_in
from tests.clients.check_samples import needs_bwrap

pytestmark = needs_bwrap


def line(tmp_path, **options):
    return shut_in("bwrap", ["true", "--bind"], folder=tmp_path, memory_bytes=1 << 20, **options)


def test_the_command_comes_last_and_cannot_add_options(tmp_path):
    assert line(tmp_path)[-3:] == ["--", "true", "--bind"]


def test_the_network_is_shared_only_when_asked(tmp_path):
    assert "--share-net" not in line(tmp_path)
    assert "--share-net" in line(tmp_path, network=True)
    assert "/etc/resolv.conf" not in line(tmp_path)


def test_parents_are_bound_before_what_lies_in_them(tmp_path):
    inner = tmp_path / "a" / "b"
    binds = [Bind(inner, writable=True), Bind(tmp_path / "a", writable=False)]
    words = line(tmp_path, binds=binds)
    assert words.index(str(tmp_path)) < words.index(str(tmp_path / "a")) < words.index(str(inner))


def test_a_path_bound_twice_is_bound_once_and_writable(tmp_path):
    binds = [Bind(tmp_path / "a", writable=False), Bind(tmp_path / "a", writable=True)]
    words = line(tmp_path, binds=binds)
    place = words.index(str(tmp_path / "a"))
    assert words[place - 1] == "--bind"
    assert words.count(str(tmp_path / "a")) == 2


def test_keys_and_secrets_of_the_system_are_not_bound(tmp_path):
    words = line(tmp_path, network=True)
    for path in (
        "/etc",
        "/etc/shadow",
        "/etc/ssl",
        "/etc/ssl/private",
        "/run",
        "/var",
        "/root",
        "/",
    ):
        assert not [at for at, word in enumerate(words) if word == path and "bind" in words[at - 1]]


def test_what_root_may_write_in_proc_is_covered(tmp_path):
    words = line(tmp_path)
    places = [at for at, word in enumerate(words) if word == "/proc/sys"]
    assert words[places[0] - 1] == "--ro-bind"
    assert places[0] > words.index("--proc")


def test_this_interpreter_is_found_with_all_its_links():
    folders = interpreter_folders()
    real = Path(sys.executable).resolve()
    assert real.is_relative_to("/usr") or any(real.is_relative_to(folder) for folder in folders)
    assert not [folder for folder in folders if folder.is_relative_to("/usr")]
