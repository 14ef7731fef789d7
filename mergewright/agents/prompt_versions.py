"""Versions of prompts, kept by digest, so that a run can be replayed with the one it had or another.

A version is named `NAME@DIGEST` with the first characters of the digest; `NAME` alone, or
`NAME@current`, is the one that is shipped.
"""

import shutil
import tempfile
from pathlib import Path
from typing import NamedTuple

from mergewright.agents.prompts import PROMPTS, load_prompt
from mergewright.errors import NotFound, StoreFailed

DIGEST_CHARACTERS = 12
CURRENT = "current"


class PromptVersion(NamedTuple):
    """One version of one prompt."""

    name: str
    folder: Path
    """Folder of all prompts that this version is found in."""


def keep_prompt(name: str, versions: Path, *, folder: Path = PROMPTS) -> Path:
    """Copy a prompt's files to the versions, unless they are there; return where.

    Raises:
        SettingInvalid: The prompt is not what it declares.
        StoreFailed: The versions cannot be written.
    """
    loaded = load_prompt(name, folder=folder)
    target = versions / f"{name}@{loaded.prompt.digest[:DIGEST_CHARACTERS]}"
    if target.is_dir():
        return target
    try:
        versions.mkdir(parents=True, exist_ok=True)
        # Made beside and renamed, so that a version is there as a whole or not at all.
        with tempfile.TemporaryDirectory(prefix=".new-", dir=versions) as made:
            draft = Path(made) / "prompts"
            for template in loaded.files:
                (draft / template).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(folder / template, draft / template)
            if not target.is_dir():
                draft.rename(target)
    except OSError as error:
        raise StoreFailed(
            f"The prompt {name!r} cannot be kept in {str(versions)!r}: {error.strerror}.",
            hint="Free some space, or set MERGEWRIGHT_HOME to a folder on another disk.",
        ) from error
    return target


def find_version(wanted: str, versions: Path) -> PromptVersion:
    """Return the version that `NAME@DIGEST`, `NAME@current` or `NAME` means.

    Raises:
        NotFound: No version is kept under this name, or several are.
        SettingInvalid: There is no prompt of this name.
    """
    name, _, digest = wanted.partition("@")
    if digest in {"", CURRENT}:
        load_prompt(name)
        return PromptVersion(name, PROMPTS)
    kept = sorted(path.name for path in versions.glob("*@*"))
    matching = [one for one in kept if one.startswith(f"{name}@{digest[:DIGEST_CHARACTERS]}")]
    if len(matching) != 1:
        raise NotFound(
            f"{wanted!r} names {len(matching)} kept versions of a prompt.",
            hint=f"Kept are: {', '.join(kept) or 'none'}; the shipped one is {name}@{CURRENT}.",
        )
    return PromptVersion(name, versions / matching[0])
