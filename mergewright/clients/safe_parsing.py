"""What parsers say of a file that anybody may have written, and that may be made to hold them up.

One child process answers for all of this process: starting one takes a third of a second where
there are threads, and there are, whenever an agent edits.
"""

import atexit
import threading
from functools import cache

from mergewright.analysis.blob_facts import Columns, decode_columns
from mergewright.analysis.case_facts import UNREADABLE, CaseFile
from mergewright.clients.parser_loop import QuestionKind
from mergewright.clients.parser_process import ParserProcess, TooMuch
from mergewright.domain.checks import LintFinding

_ASKING = threading.Lock()


def find_faults(path: str, text: str) -> tuple[LintFinding, ...]:
    """Return what a parser of the file's language complains about; nothing for unknown languages.

    Raises:
        ConfigError: The grammar of a known language does not load.
        ServiceUnavailable: No process can be started.
    """
    with _ASKING:
        return _parser().find_faults(path, text)


def read_definitions(language: str, content: bytes) -> Columns:
    """Return what a file of a language defines; nothing where it is too much for the parser.

    Raises:
        ConfigError: The grammar of a known language does not load.
        ServiceUnavailable: No process can be started.
    """
    with _ASKING:
        return decode_columns(_parser().read(language, content).row)


def read_cases(path: str, content: bytes) -> CaseFile:
    """Return the tests of a file; one that is too much for a parser is unreadable.

    Raises:
        ConfigError: The grammar of a known language does not load.
        ServiceUnavailable: No process can be started.
    """
    with _ASKING:
        try:
            told = _parser().answer(QuestionKind.CASES, path, content)
        except TooMuch:
            return UNREADABLE
    return CaseFile.model_validate_json(told)


@cache
def _parser() -> ParserProcess:
    parser = ParserProcess()
    atexit.register(parser.close)
    return parser
