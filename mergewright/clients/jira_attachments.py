"""Files that hang on a ticket in Jira.

Source: REST description of Jira Cloud (`attachment/content`, which answers with the file itself
when `redirect` is false); on Server a file is below `secure/attachment`; 2026-11-20.
"""

from urllib.parse import quote

from mergewright.clients.attachment_texts import MAX_IMAGE_BYTES, with_texts
from mergewright.clients.jira_issue import StoredFile
from mergewright.clients.jira_site import JiraSite, checked
from mergewright.domain.ticket import Attachment
from mergewright.errors import NotFound, Rejected


class JiraAttachments(JiraSite):
    """The attachments of tickets in one Jira."""

    def attachment(self, key: str, name: str) -> bytes:
        """Return what is in an attachment; of several with this name, in the newest.

        Raises:
            NotFound: There is no such ticket or attachment, or the account may not see it.
            AccessDenied: The credential is wrong or too weak.
            Rejected: It is too large for a model.
            RateLimited: Jira asks to wait.
            ServiceUnavailable: Jira does not answer.
        """
        key = checked(key)
        files = self._issue(key, "attachment").fields.files
        named = [file for file in files if file.name == name]
        if not named:
            there = ", ".join(repr(file.name) for file in files) or "none"
            raise NotFound(
                f"The ticket {key!r} has no attachment {name!r}.", hint=f"It has: {there}."
            )
        newest = max(named, key=lambda file: int(file.id) if file.id.isdecimal() else 0)
        too_large = Rejected(
            f"The attachment {name!r} of the ticket {key!r} has {newest.size_bytes} bytes; at most "
            f"{MAX_IMAGE_BYTES} are read.",
            hint="Attach a smaller one.",
        )
        if newest.size_bytes > MAX_IMAGE_BYTES:
            raise too_large
        data = self._file(key, newest)
        if len(data) > MAX_IMAGE_BYTES:
            raise too_large
        return data

    def _attachments(self, key: str, files: tuple[StoredFile, ...]) -> tuple[Attachment, ...]:
        listed = [
            Attachment(
                name=file.name,
                media_type=file.media_type,
                size_bytes=file.size_bytes,
                url=f"{self._api.url}/secure/attachment/{_plain(file)}",
            )
            for file in files
        ]
        return with_texts(listed, lambda number: self._file(key, files[number]))

    def _file(self, key: str, file: StoredFile) -> bytes:
        """Fetch a file from the address that its id gives: that in the answer could be any."""
        about = f"read the attachment {file.name!r} of the ticket {key!r}"
        if self._api.is_cloud:
            path = f"rest/api/3/attachment/content/{quote(file.id, safe='')}?redirect=false"
        else:
            path = f"secure/attachment/{_plain(file)}"
        return self._api.file(path, about=about)


def _plain(file: StoredFile) -> str:
    return f"{quote(file.id, safe='')}/{quote(file.name, safe='')}"
