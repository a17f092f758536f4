"""What the controller says: RPC operations, from a request object to a reply object."""

import datetime
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from .accounts import Accounts
from .election import Elector
from .settings import Settings

VERSION = "1.9.8.6000"
SERVER = "cmon/1.9.8"  # the client reads its version from this header
ONLINE, OFFLINE = "CmonHostOnline", "CmonHostOffLine"

Json = dict[str, Any]


@dataclass
class Call:
    """One operation asked for: the request object and what came with it."""

    operation: str
    request: Json
    cookie: str = ""
    new_cookie: str = ""  # set by a login


Operations = dict[str, Callable[[Call], Awaitable[Json]]]


def timestamp() -> str:
    """Now, as the client writes it."""
    now = datetime.datetime.now(datetime.timezone.utc)
    return now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03d}Z"


class Controller:
    """Answers for one node. Open facts of the real one are attributes a test can set."""

    def __init__(
        self, settings: Settings, elector: Elector | None, accounts: Accounts
    ) -> None:
        self.claims_leader = False  # whatever the election says
        self.denies_ha = False
        self.redirects_login = False  # a follower redirects /v2/auth too
        self.status_text: dict[str, str | None] = {
            "leader": "CmonControllerLeader",
            "follower": "CmonControllerFollower",
            "no-ha": None,  # no such field
        }
        self.host_status: dict[str, str] = {}  # address -> what the table says
        self._settings = settings
        self._elector = elector
        self._accounts = accounts
        self._paths: dict[str, Operations] = {
            "/v2/controller": {"ping": self._ping},
            "/v2/host": {"getControllers": self._get_controllers},
            "/v2/auth": {
                "authenticate": self._authenticate,
                "authenticateResponse": self._authenticate_response,
                "authenticateWithPassword": self._authenticate_with_password,
            },
        }
        self._id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"cmon-sim:{settings.address}"))

    @property
    def role(self) -> str:
        """What this controller calls itself: leader, follower or no-ha."""
        if self._elector is None or self.denies_ha:
            return "no-ha"
        leads = self.claims_leader or self._elector.is_leader
        return "leader" if leads else "follower"

    def operations(self, path: str) -> Operations:
        """The operations at this path, with or without the last slash; empty: none."""
        return self._paths.get(path.removesuffix("/"), {})

    async def reply(self, path: str, call: Call) -> Json:
        """The reply object, complete."""
        operation = self.operations(path).get(call.operation)
        if operation is None:
            text = f"Operation '{call.operation}' is not known here."
            return self.refusal(call, "InvalidRequest", text)
        redirected = self.redirects_login and path.startswith("/v2/auth")
        if redirected and self.role == "follower":
            return self.redirect(call)
        return await operation(call)

    def refusal(self, call: Call, status: str, text: str) -> Json:
        """A reply that something did not work."""
        return _stamped(call, request_status=status, error_string=text)

    def redirect(self, call: Call) -> Json:
        """Go to the leader: look for it among these."""
        settings = self._settings
        return _stamped(
            call,
            error_string="Redirect notification.",
            request_status="Redirect",
            status=self.status_text["follower"],
            controllers={
                f"{settings.names[address]}:{settings.rpc_port}": self._entry(address)
                for address in settings.peers
            },
        )

    def no_controllers(self, call: Call) -> Json:
        """The table of a controller without HA."""
        return _stamped(call, total=0, controllers=[])

    async def _ping(self, call: Call) -> Json:
        reply = _stamped(
            call,
            controller_id=self._id,
            package_name="clustercontrol-controller",
            package_version="1.9.8-6000",
            rpc_version="2.0",
        )
        text = self.status_text[self.role]
        return reply if text is None else reply | {"controller_status": text}

    async def _get_controllers(self, call: Call) -> Json:
        if self._accounts.user(call.cookie) is None:
            return self.refusal(call, "AuthRequired", "Authentication is required.")
        if self.role == "no-ha":
            return self.no_controllers(call)
        if self.role == "follower":
            return self.redirect(call)
        entries = [self._entry(address) for address in self._settings.peers]
        return _stamped(call, total=len(entries), controllers=entries)

    async def _authenticate(self, call: Call) -> Json:
        user = str(call.request.get("username") or call.request.get("user_name") or "")
        given = self._accounts.challenge(user)
        if given is None:
            return self.refusal(call, "AccessDenied", f"User '{user}' has no key here.")
        call.new_cookie, challenge = given
        return _stamped(call, challenge=challenge)

    async def _authenticate_response(self, call: Call) -> Json:
        signature = str(call.request.get("signature", ""))
        session = await self._accounts.respond(call.cookie, signature)
        return self._logged_in(call, session)

    async def _authenticate_with_password(self, call: Call) -> Json:
        user, password = (str(call.request.get(k, "")) for k in ("user_name", "password"))
        return self._logged_in(call, self._accounts.password(user, password))

    def _logged_in(self, call: Call, session: str | None) -> Json:
        if session is None:
            return self.refusal(call, "AccessDenied", "The login was refused.")
        call.new_cookie = session
        return _stamped(call)

    def _entry(self, address: str) -> Json:
        """A row of the controller table, as this node sees the other."""
        assert self._elector
        leader = self._settings.address if self.role == "leader" else self._elector.leader
        leads = address == leader
        seen = ONLINE if address in self._elector.online else OFFLINE
        return {
            "class_name": "CmonController",
            "owner_user_name": "system",
            "owner_group_name": "admins",
            "hostname": self._settings.names[address],
            "hoststatus": self.host_status.get(address, seen),
            "ip": address,
            "message": "Acting as leader." if leads else "Accepting heartbeats.",
            "port": self._settings.rpc_port,
            "role": "leader" if leads else "follower",
            "version": VERSION,
        }


def _stamped(call: Call, **fields: object) -> Json:
    """The fields that every reply has, and these."""
    now = timestamp()
    reply = {
        "reply_received": now,
        "request_created": call.request.get("request_created", now),
        "request_id": call.request.get("request_id", 0),
        "request_processed": now,
        "request_status": "Ok",
    }
    return reply | fields
