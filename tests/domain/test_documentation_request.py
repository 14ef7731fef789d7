import pytest
from pydantic import ValidationError

from mergewright.domain.documentation_request import DocumentationRequest


def test_a_repository_is_all_that_is_asked_for():
    request = DocumentationRequest(repository="/srv/tally")
    assert request.ticket == "documentation"
    assert request.identity() == {"since": "", "docstrings": ""}
    assert request.policy_name() == ""
    with pytest.raises(ValidationError, match="repository"):
        DocumentationRequest()


def test_docstrings_are_another_work_under_another_policy():
    request = DocumentationRequest(repository="/srv/tally", docstrings=True, since="abcdef0")
    assert request.identity() == {"since": "abcdef0", "docstrings": "yes"}
    assert request.policy_name() == "docstrings"


@pytest.mark.parametrize("since", ["--all", "main", "abc", "ABCDEF0", "a" * 65])
def test_since_is_a_commit(since):
    with pytest.raises(ValidationError, match="since"):
        DocumentationRequest(repository="/srv/tally", since=since)
