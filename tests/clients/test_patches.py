import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mergewright.clients.patches import holds_tree, make_patch, rebuild_tree
from mergewright.errors import NotFound, Rejected
from tests.clients.git_samples import git

NAMES = st.sampled_from(
    [b"a", b"b", b"a b ", b'"q\\uote"', b"tab\tline\n", b"gr\xc3\xbc\xc3\x9f", b"\xff\xfe", b"-x",
     b".gitattributes", b"dev", b"null"]
)  # fmt: skip
TEXTS = st.sampled_from(
    [b"", b"\n", b"one\ntwo\n", b"one\ntwo", b"one\r\ntwo\r\n", b"-- \n+++ b/a\n@@ -1 +1 @@\n",
     b"* text=auto eol=crlf\n", b"* -diff\n", b"gr\xfc\xdf\n", b" \t \n\n\n", b"\0", b"x\0y\n" * 9,
     b"".join(b"line %d\n" % n for n in range(50))]
)  # fmt: skip
FILES = st.one_of(
    st.tuples(st.sampled_from(["100644", "100755"]), TEXTS | st.binary(max_size=300)),
    st.tuples(st.just("120000"), st.sampled_from([b"a", b"../b", b"no\xffwhere"])),
    st.tuples(st.just("160000"), st.sampled_from([b"1" * 40, b"2" * 40])),
)
TREES = st.recursive(
    st.dictionaries(NAMES, FILES, max_size=4),
    lambda trees: st.dictionaries(NAMES, FILES | trees, max_size=4),
    max_leaves=5,
)


def flat(tree, above=b""):
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from flat(value, above + name + b"/")
        else:
            yield above + name, *value


def make_mirror(folder, name):
    git(folder, "init", "--quiet", "--bare", "--template=", name)
    return folder / name


def write_tree(mirror, tree):
    """Let git's own importer write a tree."""
    lines = [b"commit refs/heads/x\ncommitter A <a@b> 0 +0000\ndata 0\n"]
    for path, mode, content in flat(tree):
        quoted = b'"' + b"".join(b"\\%03o" % byte for byte in path) + b'"'
        blob = content if mode == "160000" else b"inline"
        lines.append(b"M %s %s %s\n" % (mode.encode(), blob, quoted))
        if mode != "160000":
            lines.append(b"data %d\n%s\n" % (len(content), content))
    git(mirror, "fast-import", "--quiet", "--force", stdin=b"".join(lines))
    return git(mirror, "rev-parse", "refs/heads/x^{tree}")


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(first=TREES, second=TREES)
@example(first={b"a": ("100644", b"x\n")}, second={b"a": {b"b": ("100644", b"x\n")}})
@example(first={b"a": {b"b": ("100644", b"x\n")}}, second={b"a": ("100755", b"x\n")})
@example(first={b"a": ("120000", b"b")}, second={b"a": {b"b": ("100644", b"")}})
@example(first={b"a": ("100644", b"b")}, second={b"a": ("120000", b"b")})
@example(first={}, second={b"a b ": {b"a": ("100644", b""), b" ": ("100644", b"\0")}})
@example(first={b"a": ("100644", b"\xff\n")}, second={b"\xff": ("100644", b"\xff")})
def test_a_tree_is_rebuilt_where_only_its_base_is_known(first, second):
    with tempfile.TemporaryDirectory() as folder:
        here, there = (make_mirror(Path(folder), name) for name in ("here", "there"))
        before, after = write_tree(here, first), write_tree(here, second)
        patch = make_patch(here, before, after)
        assert patch.encode().decode() == patch
        assert write_tree(there, first) == before
        assert rebuild_tree(there, base=before, patch=patch) == after
        assert holds_tree(there, after)
        # git complains where a tree or a file of it is missing
        git(there, "rev-list", "--objects", "--quiet", after)


@pytest.fixture
def mirror(tmp_path):
    return make_mirror(tmp_path, "mirror")


def test_a_secret_in_a_patch_can_be_seen(mirror):
    empty = write_tree(mirror, {})
    for content in (b"token = hunter2\n", b"gr\xfc\xdf: hunter2\n"):
        tree = write_tree(mirror, {b"a": ("100644", content)})
        assert "hunter2" in make_patch(mirror, empty, tree)


def test_a_patch_of_another_base_is_refused(mirror):
    trees = [write_tree(mirror, {b"a": ("100644", b"%d\n" % n)}) for n in range(3)]
    patch = make_patch(mirror, trees[0], trees[1])
    with pytest.raises(Rejected, match="does not apply"):
        rebuild_tree(mirror, base=trees[2], patch=patch)


def test_a_damaged_patch_is_refused(mirror):
    trees = [write_tree(mirror, {b"a": ("100644", b"%d\n" % n)}) for n in range(2)]
    with pytest.raises(Rejected, match="git apply failed"):
        rebuild_tree(mirror, base=trees[0], patch=make_patch(mirror, *trees)[:-4])


def test_trees_that_are_not_there(mirror):
    tree = write_tree(mirror, {})
    assert not holds_tree(mirror, "1" * 40)
    with pytest.raises(NotFound):
        make_patch(mirror, tree, "1" * 40)
    with pytest.raises(NotFound):
        rebuild_tree(mirror, base="1" * 40, patch="")
