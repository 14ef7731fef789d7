"""What a change holds that no check says: weakened tests, other settings of checks, new packages."""

from collections.abc import Iterator
from typing import NamedTuple

from mergewright.analysis.case_changes import compare_cases
from mergewright.analysis.case_facts import UNREADABLE, CaseFile
from mergewright.analysis.case_matching import FilePair
from mergewright.analysis.check_settings import changed_settings, is_shared_setup
from mergewright.analysis.declared import compare_manifests, is_manifest
from mergewright.analysis.file_roles import is_test
from mergewright.analysis.tree_cases import has_cases
from mergewright.clients import trees
from mergewright.clients.safe_parsing import read_cases
from mergewright.domain.changeset import Changeset
from mergewright.domain.objections import Evidence, Objection, Rule
from mergewright.domain.workspace import Workspace
from mergewright.safety.dependencies import added_packages, dependency_objections
from mergewright.safety.diff_reading import read_diff
from mergewright.safety.licences import missing_headers
from mergewright.safety.policy import ChangePolicy, matches_glob

MAX_BYTES = 1_000_000
"""Of a file that is looked into; a larger test file counts as unreadable."""


class _Change(NamedTuple):
    """A file before and after a change; None where there is none."""

    before_path: str
    path: str
    before: bytes | None
    after: bytes | None

    @property
    def texts(self) -> tuple[str, str]:
        """The file's texts; empty where there is none."""
        before, after = (
            (body or b"").decode(errors="replace") for body in (self.before, self.after)
        )
        return before, after


def gather_evidence(workspace: Workspace, changeset: Changeset, policy: ChangePolicy) -> Evidence:
    """Compare what a change's files say about tests, settings of checks and packages with its base.

    Raises:
        ChangeRefused: The diff cannot be read.
        NotFound: The mirror does not have the base or the change.
        ConfigError: The grammar of a known language does not load.
        ServiceUnavailable: No process can be started.
    """
    changes = tuple(_changes(workspace, changeset))
    cases = compare_cases([_pair(one) for one in changes if _has_tests(one)])
    manifests = [
        compare_manifests(one.path, *one.texts)
        for one in changes
        if is_manifest(one.path) and one.after is not None
    ]
    added = {one.path: one.texts[1] for one in changes if one.before is None}
    return Evidence(
        objections=(
            *cases.objections,
            *(said for one in changes for said in _about_settings(one, policy)),
            *dependency_objections(manifests, policy.known_packages),
            *missing_headers(added, policy.licence_header, policy.licence_paths),
        ),
        became=cases.became,
        gone=cases.gone,
        packages=added_packages(manifests),
        treatments=policy.objections,
    )


def _changes(workspace: Workspace, changeset: Changeset) -> Iterator[_Change]:
    for file in read_diff(changeset.diff):
        if file.is_binary or file.is_link:
            continue
        before = trees.read_blob(workspace.mirror, changeset.base_commit, file.old_path)
        after = trees.read_blob(workspace.mirror, changeset.tree, file.path)
        yield _Change(file.old_path, file.path, before, None if file.is_deleted else after)


def _has_tests(one: _Change) -> bool:
    """Whether a file may hold tests; in Rust any file may."""
    if not has_cases(one.path):
        return False
    return is_test(one.path) or is_test(one.before_path) or one.path.endswith(".rs")


def _pair(one: _Change) -> FilePair:
    before, after = (_read(one.path, body) for body in (one.before, one.after))
    return FilePair(one.before_path, one.path, before, after)


def _read(path: str, body: bytes | None) -> CaseFile | None:
    if body is None:
        return None
    if len(body) > MAX_BYTES:
        return UNREADABLE
    found = read_cases(path, body)
    # Code beside which its tests stand may call whom it likes.
    return found if is_test(path) else found.model_copy(update={"outside": ()})


def _about_settings(one: _Change, policy: ChangePolicy) -> Iterator[Objection]:
    before, after = one.texts
    protected = any(matches_glob(one.path, glob) for glob in policy.protected_paths)
    if is_shared_setup(one.path) and before != after:
        yield Objection(
            rule=Rule.SHARED_SETUP,
            path=one.path,
            subject="",
            message="it sets up what many tests share, and is another one",
            is_final=protected,
        )
    for setting in changed_settings(one.path, before, after):
        yield Objection(
            rule=Rule.CHECK_SETTINGS,
            path=one.path,
            subject=setting,
            message="it says what is checked, and says it otherwise than before",
            is_final=protected,
        )
