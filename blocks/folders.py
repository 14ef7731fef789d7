"""The folders of the embedded services."""

from pathlib import Path
from tempfile import TemporaryFile

from mergewright.domain.access import Access
from mergewright.errors import SettingInvalid
from mergewright.settings import settings


def folder_of(configured: str, default: str) -> Path:
    """Return the folder that a block names, or else the default one below the home folder."""
    return Path(configured).expanduser() if configured else settings().home / default


def check_folder(path: Path) -> Access:
    """Say whose folder it is.

    Raises:
        SettingInvalid: It cannot be written to.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=path):
            pass
        return Access(account=path.owner(), place=str(path))
    except (OSError, KeyError) as error:
        raise SettingInvalid(
            f"The folder {str(path)!r} cannot be written to: {error}.",
            hint="Name a folder of your own in the block, or set MERGEWRIGHT_HOME.",
        ) from error
