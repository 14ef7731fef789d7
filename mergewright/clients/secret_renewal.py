"""What calls prove themselves with, read anew once when it is refused in the middle of a run."""

import base64
from typing import Any

from pydantic import SecretStr
from requests import PreparedRequest, Response  # noqa: TID251 - the form that the library wants
from requests.auth import AuthBase  # noqa: TID251 - as above

from mergewright.clients.secret_references import reference_of
from mergewright.clients.secrets import forget, reveal
from mergewright.safety.redaction import register_secret

_UNAUTHORISED = 401


def renewing(client: Any, secret: SecretStr, username: str) -> Any:  # noqa: ANN401 - the library's clients share no type
    """Let a client of atlassian-python-api read a refused token anew, if it is kept elsewhere.

    Args:
        client: The client, which is returned.
        secret: The token, or a reference to it.
        username: Whose it is; empty sends it as a bearer.
    """
    if reference_of(secret.get_secret_value()) is not None:
        client._session.auth = ReferencedAuthorization(secret, username)  # noqa: SLF001 - the session that was given to it
    return client


class ReferencedToken:
    """A token source for GitHub that reads a token where it is kept.

    Args:
        secret: The token, or a reference to it.
    """

    def __init__(self, secret: SecretStr) -> None:
        self._secret = secret

    def current(self) -> str:
        """Return the token.

        Raises:
            MergewrightError: As `reveal` says.
        """
        return reveal(self._secret)

    def renew(self, refused: str) -> bool:
        """Read a refused token anew; say whether there is another one.

        Raises:
            MergewrightError: As `reveal` says.
        """
        return forget(self._secret) and reveal(self._secret) != refused


class ReferencedAuthorization(AuthBase):
    """The credential of a session, read anew once when the service answers 401.

    Args:
        secret: The token, or a reference to it.
        username: Whose it is; empty sends it as a bearer.
    """

    def __init__(self, secret: SecretStr, username: str) -> None:
        self._secret = secret
        self._username = username

    def __call__(self, r: PreparedRequest) -> PreparedRequest:
        """Authorise a request.

        Raises:
            MergewrightError: As `reveal` says.
        """
        token = reveal(self._secret)
        r.headers["Authorization"] = self._header(token)

        def renew(answer: Response, **options: object) -> Response:
            return self._again(answer, token, options)

        r.register_hook("response", renew)
        return r

    def _again(self, answer: Response, refused: str, options: dict[str, Any]) -> Response:
        if answer.status_code != _UNAUTHORISED or not forget(self._secret):
            return answer
        token = reveal(self._secret)
        if token == refused:
            return answer
        answer.close()
        request = answer.request.copy()
        request.headers["Authorization"] = self._header(token)
        again: Response = answer.connection.send(request, **options)
        again.request = request
        return again

    def _header(self, token: str) -> str:
        if not self._username:
            return f"Bearer {token}"
        pair = base64.b64encode(f"{self._username}:{token}".encode()).decode()
        register_secret(pair)
        return f"Basic {pair}"
