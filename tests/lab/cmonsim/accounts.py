"""Users and sessions: who may ask for the list of controllers.

A login is good on every node: the session cookie is signed with a key that follows from
what all nodes are given alike, as the s9s client logs in once and is then redirected. That
keeps nobody out who can read this file; it is a lab.
"""

import asyncio
import base64
import binascii
import hashlib
import hmac
import pathlib
import secrets
import time

SESSION_LASTS = 3600  # seconds
CHALLENGE_LASTS = 60
CHALLENGES_KEPT = 1000
COOKIE = "cmon-sid"


class Accounts:
    """Knows passwords and public keys, hands out challenges and session cookies."""

    def __init__(
        self,
        passwords: dict[str, str],
        keys: dict[str, pathlib.Path],
        cluster: str,
        scratch: pathlib.Path,
    ) -> None:
        self._passwords = passwords
        self._keys = keys
        self._secret = hashlib.sha256(cluster.encode()).digest()
        self._scratch = scratch
        self._challenges: dict[str, tuple[str, str, float]] = {}

    def challenge(self, user: str) -> tuple[str, str] | None:
        """Cookie and challenge for a user with a key; None for others."""
        if user not in self._keys:
            return None
        if len(self._challenges) >= CHALLENGES_KEPT:
            self._challenges.pop(next(iter(self._challenges)))
        cookie, text = secrets.token_hex(16), secrets.token_hex(32)
        self._challenges[cookie] = user, text, time.monotonic() + CHALLENGE_LASTS
        return cookie, text

    async def respond(self, cookie: str, signature: str) -> str | None:
        """The cookie of a session if the signature answers the challenge; once only."""
        user, text, until = self._challenges.pop(cookie, ("", "", 0.0))
        if time.monotonic() > until:
            return None
        good = await self._verify(self._keys[user], text, signature)
        return self._session(user) if good else None

    def password(self, user: str, password: str) -> str | None:
        """The cookie of a session if that is the user's password."""
        known = self._passwords.get(user)
        if known is None or not hmac.compare_digest(known.encode(), password.encode()):
            return None
        return self._session(user)

    def user(self, cookie: str) -> str | None:
        """Who is logged in with this cookie, on whatever node that was."""
        said, _, mac = cookie.rpartition(".")
        if not hmac.compare_digest(self._mac(said).encode(), mac.encode()):
            return None
        user, _, until = said.rpartition(".")
        return bytes.fromhex(user).decode() if int(until) > time.time() else None

    def _session(self, user: str) -> str:
        said = f"{user.encode().hex()}.{int(time.time()) + SESSION_LASTS}"
        return f"{said}.{self._mac(said)}"

    def _mac(self, text: str) -> str:
        return hmac.new(self._secret, text.encode(), "sha256").hexdigest()

    async def _verify(self, key: pathlib.Path, text: str, signature: str) -> bool:
        """RSA-SHA256 by the openssl command: the standard library has no RSA."""
        try:
            raw = base64.b64decode(signature, validate=True)
        except (binascii.Error, ValueError):
            return False
        temporary = self._scratch / f"signature-{secrets.token_hex(8)}"
        temporary.write_bytes(raw)
        try:
            command = "openssl", "dgst", "-sha256", "-verify", key, "-signature", temporary
            quiet = asyncio.subprocess.DEVNULL
            process = await asyncio.create_subprocess_exec(
                *command, stdin=asyncio.subprocess.PIPE, stdout=quiet, stderr=quiet
            )
            await process.communicate(text.encode())
            return process.returncode == 0
        finally:
            temporary.unlink()
