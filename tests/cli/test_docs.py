import json

import pytest

from tests.journeys.documentation_answers import make_repository, rename


@pytest.fixture
def repository(tmp_path):
    return make_repository(tmp_path / "tally")


def test_true_documents_end_well(mergewright, repository):
    ended = mergewright("docs", "check", str(repository))
    assert ended.returncode == 0, ended.stderr
    assert "0 findings in 2 documents" in ended.stdout + ended.stderr


def test_what_is_not_true_is_printed_and_ends_with_one(mergewright, repository):
    rename(repository)
    ended = mergewright("docs", "check", str(repository))
    assert ended.returncode == 1
    assert "README.md:3: `split_bill(total, people)` is named" in ended.stdout + ended.stderr
    told = json.loads(mergewright("docs", "check", str(repository), "--json").stdout)
    assert [one["fault"] for one in told["findings"]] == ["stale name"]


def test_a_repository_that_is_not_there_is_told(mergewright, tmp_path):
    assert mergewright("docs", "check", str(tmp_path / "none")).returncode not in (0, 1)
