"""Which release is meant: named, found, or told what comes next to it."""

import pytest

from mergewright.domain.release import Release, choose_release, list_releases, read_version
from mergewright.domain.workflow_policy import ReleaseStrategy
from mergewright.errors import NotFound, SettingInvalid

TAGS = {"v1.4.2": "a", "v1.10.0": "b", "v2.0.0-rc.1": "c", "nightly": "n", "build-1207": "z"}
MAIN = {"main": "m"}
ANY = ReleaseStrategy()


def chosen(asked="", branches=MAIN, tags=TAGS, strategy=ANY):
    return choose_release(asked, branches=branches, tags=tags, strategy=strategy)


@pytest.mark.parametrize(
    ("name", "order"),
    [
        ("v1.4.2", (1, 4, 2, True)),
        ("shop-1.4.2", (1, 4, 2, True)),
        ("release/1.4", (1, 4, 0, True)),
        ("v1.4.2-rc.1", (1, 4, 2, False)),
        ("1.4.0rc1", (1, 4, 0, False)),
        ("v1.4.2+build.7", (1, 4, 2, True)),
        ("2", (2, 0, 0, True)),
    ],
)
def test_versions_are_read_out_of_names(name, order):
    assert read_version(name).order == order


@pytest.mark.parametrize("name", ["main", "release", "v", "feature/x"])
def test_a_name_without_a_version_has_none(name):
    assert read_version(name) is None


def test_the_latest_release_is_the_highest_version_that_is_final():
    assert chosen() == Release(
        name="v1.10.0", commit="b", branch="release/1.10", is_branch_made=True
    )


def test_a_tag_is_mended_in_the_branch_of_its_line():
    branches = MAIN | {"release/1.4": "x", "release/1": "y", "release/1.40": "w"}
    assert chosen("v1.4.2", branches) == Release(name="v1.4.2", commit="x", branch="release/1.4")
    assert chosen("v1.10.0", branches).branch == "release/1"


def test_a_branch_that_is_named_is_taken_as_it_is():
    branches = MAIN | {"hotfixes": "h"}
    assert chosen("hotfixes", branches) == Release(name="hotfixes", commit="h", branch="hotfixes")


def test_without_tags_the_highest_release_branch_is_taken():
    branches = MAIN | {"release/1.4": "x", "release/1.12": "y", "feature/9.9": "f"}
    assert chosen(branches=branches, tags={}).branch == "release/1.12"


def test_a_release_that_is_not_there_is_told_the_nearest():
    with pytest.raises(NotFound, match=r"'v1\.4\.9'") as caught:
        chosen("v1.4.9")
    assert caught.value.hint.startswith("The nearest is 'v1.4.2'.")
    with pytest.raises(NotFound) as caught:
        chosen("nightyl")
    assert "'nightly'" in caught.value.hint


def test_without_any_release_it_is_said_how_to_name_one():
    with pytest.raises(NotFound, match="no release") as caught:
        chosen(tags={})
    assert "--base" in caught.value.hint


def test_a_strategy_that_makes_no_name_is_refused():
    with pytest.raises(SettingInvalid, match="nightly"):
        chosen("nightly")
    named = ReleaseStrategy(branch="fixes/{tag}")
    assert chosen("nightly", strategy=named).branch == "fixes/nightly"


def test_releases_are_listed_from_the_highest_version_on_without_what_is_none():
    branches = {"main", "release/1.4", "release/next", "feature/2.0"}
    tags = {"nightly", "v1.4.2", "v1.10.0", "v1.4.0", "v2.0.0-rc.1"}
    listed = list_releases(branches=branches, tags=tags, strategy=ANY)
    assert listed == ("v2.0.0-rc.1", "v1.10.0", "v1.4.2", "v1.4.0", "release/1.4")
