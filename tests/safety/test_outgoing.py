import pytest

from mergewright.domain.notice import Notice, NoticeDetail, NoticeFile
from mergewright.domain.page import PageDraft
from mergewright.errors import SecretFound
from mergewright.safety.outgoing import refuse_secrets, texts_of, without_secrets
from mergewright.safety.redaction import MARKER
from tests.golden.golden_cases import SECRET


def test_a_text_with_a_secret_does_not_leave_and_the_error_does_not_show_it():
    with pytest.raises(SecretFound, match="pull request") as caught:
        refuse_secrets("pull request", "Mend it", f"The token was {SECRET}.")
    assert SECRET not in str(caught.value)
    refuse_secrets("branch", "feature/shop-7-prices", "", "main")


def test_all_texts_of_a_value_are_looked_at():
    draft = PageDraft(space="deliveries", slug="a-1", title="A title", body="A body")
    assert {"deliveries", "a-1", "A title", "A body"} <= set(texts_of(draft))
    assert list(texts_of({"a": ["one", ("two", 3)]})) == ["one", "two"]


def test_a_message_goes_without_it():
    notice = Notice(
        subject=f"Failed: {SECRET}",
        body=f"It said {SECRET}",
        details=(NoticeDetail(name="Why", value=SECRET),),
        files=(NoticeFile(name="plan.md", text=SECRET),),
    )
    told = without_secrets(notice)
    assert SECRET not in told.model_dump_json()
    assert told.subject == f"Failed: {MARKER}"
    plain = Notice(subject="Done", body="All is well")
    assert without_secrets(plain) == plain
