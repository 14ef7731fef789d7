"""Stores of secrets on loopback: Vault's key-value store, version 2, and AWS Secrets Manager."""

import hashlib
import hmac
import json
from urllib.parse import unquote

from tests.clients.loopback import Answer, LoopbackServer

VAULT_TOKEN = "hvs.vault-token-1"  # noqa: S105 - an example
AWS_ID = "AKIDEXAMPLE"
AWS_SECRET = "aws-secret-key-1"  # noqa: S105 - an example


class VaultServer(LoopbackServer):
    """Holds secrets by namespace, mount and path; None was deleted."""

    def __init__(self):
        super().__init__()
        self.token = VAULT_TOKEN
        self.namespace = ""
        self.secrets = {("kv", "team/jira"): {"token": "from-vault-1", "number": 7}}

    def answer(self, request):
        headers = request.headers
        if headers.get("x-vault-request") != "true":
            return Answer(412, {"errors": ["no X-Vault-Request"]})
        if headers.get("x-vault-token") != self.token:
            return Answer(403, {"errors": [f"permission denied for {self.token}"]})
        if headers.get("x-vault-namespace", "") != self.namespace:
            return Answer(404, {"errors": []})
        api, _, rest = request.path.removeprefix("/").partition("/")
        mount, _, path = rest.partition("/data/")
        key = (unquote(mount), unquote(path))
        if api != "v1" or key not in self.secrets:
            return Answer(404, {"errors": []})
        fields = self.secrets[key]
        metadata = {"deletion_time": "" if fields else "2026-11-20T00:00:00Z", "version": 1}
        status = 404 if fields is None else 200
        return Answer(status, {"data": {"data": fields, "metadata": metadata}})


class AwsServer(LoopbackServer):
    """Verifies the signature of each request as the vendor's description says, step by step."""

    region = "eu-west-1"

    def __init__(self):
        super().__init__()
        self.secrets = {"team/slack": json.dumps({"token": "from-aws-1"}), "plain": "all-of-it"}
        self.session_token = ""
        self.refusal = ""

    def answer(self, request):
        if self.refusal:
            return Answer(400, {"__type": self.refusal, "message": f"no: {AWS_SECRET}"})
        if not self._is_signed(request):
            return Answer(403, {"__type": "InvalidSignatureException", "message": "no"})
        if request.headers["x-amz-target"] != "secretsmanager.GetSecretValue":
            return Answer(400, {"__type": "UnknownOperationException"})
        name = request.body["SecretId"]
        text = self.secrets.get(name) or self.secrets.get(name.rpartition(":")[2])
        if text is None:
            kind = "com.amazonaws.secretsmanager#ResourceNotFoundException"
            return Answer(400, {"__type": kind, "Message": "no"})
        return Answer(200, {"Name": name, "SecretString": text})

    def _is_signed(self, request):
        headers = request.headers
        if headers.get("x-amz-security-token", "") != self.session_token:
            return False
        scheme, _, rest = headers["authorization"].partition(" ")
        said = dict(part.strip().split("=", 1) for part in rest.split(","))
        access, date, region, service, end = said["Credential"].split("/")
        if (scheme, access, region, service, end) != (
            "AWS4-HMAC-SHA256",
            AWS_ID,
            self.region,
            "secretsmanager",
            "aws4_request",
        ):
            return False
        names = said["SignedHeaders"].split(";")
        if not {"host", "x-amz-date", "x-amz-target"} <= set(names):
            return False
        # what was sent, byte for byte, as `json.dumps` writes it
        body = json.dumps(request.body).encode()
        canonical = f"POST\n{request.path}\n\n"
        canonical += "".join(f"{name}:{headers[name]}\n" for name in names)
        canonical += f"\n{';'.join(names)}\n{hashlib.sha256(body).hexdigest()}"
        to_sign = (
            f"AWS4-HMAC-SHA256\n{headers['x-amz-date']}\n{date}/{region}/{service}/aws4_request\n"
            + hashlib.sha256(canonical.encode()).hexdigest()
        )
        key = ("AWS4" + AWS_SECRET).encode()
        for part in (date, region, service, "aws4_request"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        expected = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
        return hmac.compare_digest(expected, said["Signature"])
