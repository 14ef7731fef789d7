from mergewright.clients.mirrors import ensure_mirror
from mergewright.clients.references import ask_references, read_references
from tests.clients.git_samples import git, make_clone


def test_branches_and_tags_are_told_with_their_commits(tmp_path):
    clone = make_clone(tmp_path / "clone")
    head = git(clone, "rev-parse", "main")
    git(clone, "tag", "v1.0.0")
    git(clone, "tag", "--annotate", "--message", "So", "v1.1.0")
    git(clone, "tag", "a-tree", "main^{tree}")
    git(clone, "branch", "release/1.0")
    found = read_references(ensure_mirror(str(clone), tmp_path / "mirrors"))
    assert found.tags == {"v1.0.0": head, "v1.1.0": head}
    assert found.branches["main"] == found.branches["release/1.0"] == head


def test_a_repository_itself_tells_the_same_without_a_mirror(tmp_path):
    clone = make_clone(tmp_path / "clone")
    head = git(clone, "rev-parse", "main")
    git(clone, "tag", "v1.0.0")
    git(clone, "tag", "--annotate", "--message", "So", "v1.1.0")
    assert ask_references(str(clone)) == (
        {"main": head, "develop": head},
        {"v1.0.0": head, "v1.1.0": head},
    )
