"""Reading a whole answer within limits of time and size, for clients that are built on requests.

The limits of the library are for each pause: an answer that drips, or never ends, would keep a run
or fill the memory.
"""

import time
from collections.abc import Callable
from io import BytesIO

from requests import Response  # noqa: TID251 - the library's own answers

PIECE_BYTES = 1 << 16


class AnswerTooLarge(ValueError):
    """An answer has more bytes than any that is asked for."""


def read_within(*, seconds: float, max_bytes: int) -> Callable[..., Response]:
    """Return a hook for answers that reads each of them within limits.

    Args:
        seconds: Time limit of a whole answer.
        max_bytes: Bytes of an answer, unpacked.
    """

    def read(response: Response, **_options: object) -> Response:
        began = time.monotonic()
        pieces: list[bytes] = []
        size_bytes = 0
        while piece := response.raw.read1(PIECE_BYTES, decode_content=True):
            pieces.append(piece)
            size_bytes += len(piece)
            if size_bytes > max_bytes:
                response.raw.close()
                raise AnswerTooLarge(f"the answer has more than {max_bytes} bytes")
            if time.monotonic() - began > seconds:
                response.raw.close()
                raise TimeoutError(f"the answer takes longer than {seconds:g} s")
        response.raw.release_conn()
        response.raw = BytesIO(b"".join(pieces))
        return response

    return read
