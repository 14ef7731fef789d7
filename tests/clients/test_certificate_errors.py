"""A certificate that is not trusted is found below whatever was made of it."""

import ssl

import httpx
import pytest

from mergewright.clients.certificate_errors import is_about_certificates


def wrapped(inner):
    error = httpx.ConnectError("no")
    error.__cause__ = inner
    return error


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ssl.SSLCertVerificationError(1, "self-signed"), True),
        (wrapped(ssl.SSLCertVerificationError(1, "self-signed")), True),
        (httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] expired"), True),
        (wrapped(ssl.SSLEOFError(8, "unexpected end")), False),
        (None, False),
    ],
)
def test_it_is_found_below(error, expected):
    assert is_about_certificates(error) is expected
