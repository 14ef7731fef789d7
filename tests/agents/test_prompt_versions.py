import pytest

from mergewright.agents.prompt_versions import find_version, keep_prompt
from mergewright.agents.prompts import PROMPTS, load_prompt
from mergewright.errors import NotFound, SettingInvalid, StoreFailed


def test_a_kept_version_is_the_same_prompt(tmp_path):
    kept = keep_prompt("qa", tmp_path)
    shipped = load_prompt("qa").prompt
    assert kept.name == f"qa@{shipped.digest[:12]}"
    assert load_prompt("qa", folder=kept).prompt == shipped
    assert keep_prompt("qa", tmp_path) == kept
    assert sorted(path.name for path in tmp_path.iterdir()) == [kept.name]
    for wanted in (kept.name, f"qa@{shipped.digest}", f"qa@{shipped.digest[:6]}"):
        assert find_version(wanted, tmp_path) == ("qa", kept)


def test_the_shipped_version_needs_no_digest(tmp_path):
    assert find_version("qa", tmp_path) == find_version("qa@current", tmp_path) == ("qa", PROMPTS)


def test_an_unknown_version_or_prompt_is_told_with_what_there_is(tmp_path):
    kept = keep_prompt("qa", tmp_path)
    with pytest.raises(NotFound) as caught:
        find_version("qa@000000000000", tmp_path)
    assert kept.name in caught.value.hint
    with pytest.raises(SettingInvalid, match="'nobody'"):
        find_version("nobody", tmp_path)


def test_an_ambiguous_digest_is_refused(tmp_path):
    for digest in ("aa1", "aa2"):
        (tmp_path / f"qa@{digest}").mkdir()
    with pytest.raises(NotFound, match="2 kept versions"):
        find_version("qa@aa", tmp_path)


def test_what_cannot_be_written_is_said(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(StoreFailed, match="cannot be kept"):
        keep_prompt("qa", blocked)
