"""A GitHub App for tests: its key, and connecting as its installation."""

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from mergewright.clients.github_connection import open_github_app

APP_ID = "Iv1.app"
INSTALLATION = 9
APP_KEY = rsa.generate_private_key(65537, 2048)
PEM = APP_KEY.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()


def connect_app(server, **options):
    return open_github_app(APP_ID, PEM, INSTALLATION, api_url=server.url, **options)
