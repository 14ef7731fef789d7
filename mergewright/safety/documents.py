"""Which files of a repository are documents: what the documentation workflow reads and may write."""

from collections.abc import Callable, Iterable

from mergewright.domain.workflow_policy import WorkflowPolicy
from mergewright.safety.bounds import path_refusal
from mergewright.safety.policy import matches_glob
from mergewright.safety.repository_policy import DocumentationRules


def documents_by(
    policy: WorkflowPolicy, rules: DocumentationRules, protected_paths: Iterable[str]
) -> Callable[[str], bool]:
    """Return what says whether a path is that of a document.

    Args:
        policy: What the workflow may write.
        rules: What the repository says besides; it can only be stricter.
        protected_paths: Globs of what no change may touch.
    """
    refused = (*protected_paths, *rules.exclude)

    def is_document(path: str) -> bool:
        return not (
            path_refusal(path, policy)
            or any(matches_glob(path, glob) for glob in refused)
            or (rules.paths and not any(matches_glob(path, glob) for glob in rules.paths))
        )

    return is_document
