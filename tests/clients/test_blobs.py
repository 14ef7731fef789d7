import threading

import pytest

from mergewright.clients.blobs import BlobReader
from mergewright.clients.mirrors import ensure_mirror
from mergewright.clients.trees import list_files
from mergewright.errors import NotFound
from tests.clients.git_samples import FILES, make_clone


@pytest.fixture
def mirror(tmp_path):
    return ensure_mirror(str(make_clone(tmp_path / "clone")), tmp_path / "mirrors")


def test_reads_every_file_through_one_process(mirror):
    with BlobReader(mirror) as blobs:
        files = list_files(mirror, "refs/remotes/origin/main")
        readers = {file.path: blobs.reader(file.blob) for file in files}
        assert {path: read() for path, read in readers.items()} == FILES


def test_threads_do_not_mix_answers(mirror):
    files = list_files(mirror, "refs/remotes/origin/main")
    wrong = []

    def read_all(blobs):
        wrong.extend(file.path for file in files * 20 if blobs.read(file.blob) != FILES[file.path])

    with BlobReader(mirror) as blobs:
        threads = [threading.Thread(target=read_all, args=(blobs,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == []


def test_a_blob_that_is_not_there(mirror):
    with BlobReader(mirror) as blobs:
        for name in ("0" * 40, "HEAD", "x\ny", ""):
            with pytest.raises(NotFound):
                blobs.read(name)
        blob = list_files(mirror, "refs/remotes/origin/main")[0].blob
        assert blobs.read(blob) == FILES[".gitignore"]
