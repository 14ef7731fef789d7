"""Labels, attachments and restrictions of pages: version 1 of the API has them, everywhere.

An attachment's comment carries the digest of its bytes, so that the same bytes are not sent again.

Source: description of Confluence Cloud's REST v1 of 2026-11-20 (content labels, attachments and
restrictions); Server and Data Center have the same paths without `/wiki`.
"""

import hashlib
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel, Field

from mergewright.clients.confluence_api import ConfluenceApi
from mergewright.clients.confluence_pages import Account, PageRecord
from mergewright.domain.page import PageAccess, PageAttachment
from mergewright.errors import Rejected

_COMMENT = "Mergewright sha256:{}"
_GROUP = "group:"
_LABELS_LIMIT = 200
_OPERATIONS = ("read", "update")


class _Label(BaseModel):
    name: str


class _Labels(BaseModel):
    results: list[_Label] = Field(default_factory=list)


class _Attachment(BaseModel):
    id: str
    title: str = ""
    comment: str = ""
    metadata: dict[str, Any] = Field(default_factory=dict)
    extensions: dict[str, Any] = Field(default_factory=dict)

    @property
    def said(self) -> str:
        """Return its comment, which each version has at another place."""
        places = (self.extensions.get("comment"), self.metadata.get("comment"), self.comment)
        return next((place for place in places if isinstance(place, str) and place), "")


class _Attachments(BaseModel):
    results: list[_Attachment] = Field(default_factory=list)


class _Subjects(BaseModel):
    results: list[dict[str, Any]] = Field(default_factory=list)


class _Restrictions(BaseModel):
    user: _Subjects = Field(default_factory=_Subjects)
    group: _Subjects = Field(default_factory=_Subjects)


class _Restriction(BaseModel):
    restrictions: _Restrictions = Field(default_factory=_Restrictions)


class _ByOperation(BaseModel):
    read: _Restriction = Field(default_factory=_Restriction)
    update: _Restriction = Field(default_factory=_Restriction)


class _Anything(BaseModel):
    pass


class Extras:
    """Labels, attachments and restrictions.

    Args:
        api: Calls to Confluence.
    """

    def __init__(self, api: ConfluenceApi) -> None:
        self._api = api

    def label(self, page: PageRecord, labels: tuple[str, ...]) -> None:
        """Add the labels that a page does not have.

        Raises:
            ServiceError: Confluence did not answer, or refused.
        """
        path = f"{self._path(page)}/label"
        about = f"label the page {page.title!r}"
        known = self._api.read(_Labels, path, about=about, params={"limit": str(_LABELS_LIMIT)})
        names = {label.name for label in known.results}
        missing = [name for name in labels if name not in names]
        if missing:
            body = [{"prefix": "global", "name": name} for name in missing]
            self._api.create(_Labels, path, body, about=about)

    def attach(self, page: PageRecord, attachment: PageAttachment) -> None:
        """Attach a file, unless the same bytes are there under its name.

        Raises:
            ServiceError: Confluence did not answer, or refused.
        """
        path = f"{self._path(page)}/child/attachment"
        about = f"attach {attachment.name!r} to the page {page.title!r}"
        params = {"filename": attachment.name, "expand": "metadata,extensions"}
        found = self._api.read(_Attachments, path, about=about, params=params).results
        there = next((one for one in found if one.title in {"", attachment.name}), None)
        comment = _COMMENT.format(hashlib.sha256(attachment.content).hexdigest())
        if there is not None and there.said == comment:
            return
        if there is not None:
            path = f"{path}/{quote(there.id, safe='')}/data"
        file = (attachment.name, attachment.content, attachment.media_type)
        self._api.upload(path, file, {"comment": comment, "minorEdit": "true"}, about=about)

    def restrict(self, page: PageRecord, access: PageAccess, own: Account) -> None:
        """Say who may see and edit a page; our own account always may.

        Raises:
            Rejected: We do not know our own account, and would be locked out.
            ServiceError: Confluence did not answer, or refused.
        """
        wanted = {
            operation: frozenset({own.id, *subjects}) if subjects else frozenset()
            for operation, subjects in zip(
                _OPERATIONS, (access.viewers, access.editors), strict=True
            )
        }
        if not any(wanted.values()):
            return
        if not own.id:
            raise Rejected(
                f"The page {page.title!r} cannot be restricted: Confluence does not say who we are.",
                hint="Use the token of an account, or leave the restrictions empty.",
            )
        path = f"{self._path(page)}/restriction"
        about = f"restrict the page {page.title!r}"
        now = self._now(path, about)
        changed = [one for one in _OPERATIONS if wanted[one] and wanted[one] != now[one]]
        if changed:
            body = [self._restriction(one, wanted[one]) for one in changed]
            self._api.replace(_Anything, path, body, about=about)

    def _now(self, path: str, about: str) -> dict[str, frozenset[str]]:
        found = self._api.read(
            _ByOperation,
            f"{path}/byOperation",
            about=about,
            params={"expand": "restrictions.user,restrictions.group"},
        )
        return {"read": self._subjects(found.read), "update": self._subjects(found.update)}

    def _subjects(self, found: _Restriction) -> frozenset[str]:
        users = (str(user.get(self._user_field, "")) for user in found.restrictions.user.results)
        groups = (f"{_GROUP}{group.get('name')}" for group in found.restrictions.group.results)
        return frozenset([*users, *groups])

    def _restriction(self, operation: str, subjects: frozenset[str]) -> dict[str, object]:
        users = [one for one in sorted(subjects) if not one.startswith(_GROUP)]
        groups = [one.removeprefix(_GROUP) for one in sorted(subjects) if one.startswith(_GROUP)]
        return {
            "operation": operation,
            "restrictions": {
                "user": [{"type": "known", self._user_field: user} for user in users],
                "group": [{"type": "group", "name": group} for group in groups],
            },
        }

    @property
    def _user_field(self) -> str:
        return "accountId" if self._api.is_cloud else "username"

    def _path(self, page: PageRecord) -> str:
        return f"{self._api.v1}/content/{quote(page.id, safe='')}"
