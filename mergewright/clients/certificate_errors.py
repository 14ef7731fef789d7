"""Whether a call failed because a certificate is not trusted, however deep the libraries bury it."""

import ssl


def is_about_certificates(error: BaseException | None) -> bool:
    """Whether an error, or what it came from, is about a certificate."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError) or "CERTIFICATE_VERIFY" in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False
