"""A local OIDC issuer: discovery, keys, and tokens of every kind, good and forged."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from tests.fakes.issuer_logins import Logins

CLIENT = "escher-runner"


class Issuer:
    """The issuer, as a context manager.

    Attributes:
        url: Its address, which is also the `iss` of its tokens.
        asked: Paths that were asked for.
        down: While set, every page answers 503.
        discovery: Whether it has a discovery document.
    """

    def __init__(self) -> None:
        self.keys: dict[str, Any] = {"rsa-1": _rsa(), "ec-1": ec.generate_private_key(ec.SECP256R1())}
        self.asked: list[str] = []
        self.down = False
        self.discovery = True
        self.logins = Logins(self.token)

    def __enter__(self) -> Self:
        """Listen on loopback."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()

    def page(self, path: str) -> Any:
        """Return the document at a path, or None."""
        self.asked.append(path)
        if self.down:
            return None
        if path == "/.well-known/openid-configuration" and self.discovery:
            return {"issuer": self.url, "jwks_uri": f"{self.url}/keys", **self.logins.endpoints(self.url)}
        if path == "/keys" or (path == "/.well-known/jwks.json" and not self.discovery):
            return {"keys": [_public(name, key) for name, key in self.keys.items()]}
        return None

    def rotate(self) -> None:
        """Replace the RSA key by another with another id."""
        del self.keys["rsa-1"]
        self.keys["rsa-2"] = _rsa()

    def token(
        self,
        *,
        key: str = "rsa-1",
        algorithm: str = "RS256",
        kid: str | None = None,
        sign_with: Any = None,
        lasts: float = 300,
        **claims: Any,
    ) -> str:
        """Return a Cognito-like access token; a claim given as None is left out."""
        now = time.time()
        known = {
            "iss": self.url,
            "sub": "runner-1",
            "client_id": CLIENT,
            "token_use": "access",
            "iat": int(now) - 10,
            "exp": int(now + lasts),
        }
        payload = {name: value for name, value in {**known, **claims}.items() if value is not None}
        return jwt.encode(payload, sign_with or self.keys[key], algorithm=algorithm, headers={"kid": kid or key})


def _rsa() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _public(name: str, key: Any) -> dict[str, Any]:
    algorithm = "RS256" if isinstance(key, rsa.RSAPrivateKey) else "ES256"
    turn = RSAAlgorithm.to_jwk if algorithm == "RS256" else ECAlgorithm.to_jwk
    return {**turn(key.public_key(), as_dict=True), "kid": name, "use": "sig", "alg": algorithm}


def _handler(issuer: Issuer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Serve a document."""
            found = issuer.page(self.path)
            body = json.dumps(found).encode()
            self.send_response(200 if found is not None else 503 if issuer.down else 404)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            """Answer a login."""
            body = self.rfile.read(int(self.headers.get("content-length", "0"))).decode()
            issuer.asked.append(self.path)
            if issuer.down:
                status, answer = 503, {}
            else:
                status, answer = issuer.logins.post(self.path, self.headers, body)
            sent = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("cache-control", "no-store")
            self.send_header("content-length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
