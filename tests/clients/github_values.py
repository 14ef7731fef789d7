"""Accounts, ids and answers of the GitHub on loopback."""

from tests.clients.loopback import Answer

TOKEN = "ghp_keptsecretkeptsecretkeptsecret00"  # noqa: S105 - an example
AT = "2026-03-04T05:06:07Z"
BOT = {"login": "mw-bot", "type": "User"}
ADA = {"login": "ada", "type": "User"}
COMMIT = "a" * 40
BASE = {"ref": "main", "sha": "b" * 40, "repo": {"full_name": "team/shop"}}
NOT_TAKEN = "Reviews may only be requested from collaborators."


def fault(status, message="", *errors, **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, {"message": message, "errors": list(errors)}, named)
