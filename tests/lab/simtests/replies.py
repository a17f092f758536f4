"""The recorded replies: what the public client printed of a controller's answers."""

import json
import os
import pathlib
import unittest

from cmonsim import settings as settings_module
from cmonsim.accounts import Accounts
from cmonsim.controller import Call, Controller

from .common import STAMPS, Json

RECORDED_AT = ("10.0.0.101", "10.0.0.102", "10.0.0.103")
NAMES = ("cc1.example.net", "cc2.example.net", "cc3.example.net")
#                     host names   asked  leader  offline
LISTS = {
    "three-by-address": (RECORDED_AT, 0, 0, ()),
    "asked-on-follower": (RECORDED_AT, 0, 0, ()),  # where the redirect leads
    "leader-alone": (RECORDED_AT, 0, 0, (1, 2)),
    "leader-offline": (RECORDED_AT, 0, 0, (0,)),
    "three-by-hostname": (NAMES, 1, 1, ()),
    "no-leader": (RECORDED_AT, 2, None, ()),
}


def recorded_entry(name: str, address: str, leads: bool, online: bool) -> Json:
    return {
        "class_name": "CmonController",
        "owner_user_name": "system",
        "owner_group_name": "admins",
        "hostname": name,
        "hoststatus": "CmonHostOnline" if online else "CmonHostOffLine",
        "ip": address,
        "message": "Acting as leader." if leads else "Accepting heartbeats.",
        "port": 9501,
        "role": "leader" if leads else "follower",
        "version": "1.9.8.6000",
    }


def recorded(scenario: str) -> Json:
    """The recorded reply without its time stamps."""
    if scenario == "ha-not-enabled":
        return {"request_id": 3, "request_status": "Ok", "total": 0, "controllers": []}
    names, _, leader, offline = LISTS[scenario]
    entries = [
        recorded_entry(names[i], RECORDED_AT[i], i == leader, i not in offline)
        for i in range(3)
    ]
    if leader is not None:
        return {
            "request_id": 3, "request_status": "Ok", "total": 3, "controllers": entries
        }
    return {
        "error_string": "Redirect notification.",
        "request_id": 3,
        "request_status": "Redirect",
        "status": "CmonControllerFollower",
        "controllers": {f"{entry['ip']}:9501": entry for entry in entries},
    }


class StillElector:
    """An election in which nothing moves."""

    def __init__(self, leader: str | None, me: str, online: set[str]) -> None:
        self.leader = leader
        self.is_leader = leader == me
        self.online = online


class RecordedReplies(unittest.IsolatedAsyncioTestCase):
    """The controller says what was recorded, key for key."""

    def controller(self, scenario: str) -> Controller:
        names, asked, leader, offline = LISTS.get(scenario, (RECORDED_AT, 0, None, ()))
        me = RECORDED_AT[asked]
        settings = settings_module.parse([
            "--name", "cc", "--address", me, "--peers", ",".join(RECORDED_AT),
            "--names", ",".join(names), "--user", "dba=secret",
        ])
        leads = None if leader is None else RECORDED_AT[leader]
        online = {RECORDED_AT[i] for i in range(3) if i not in offline}
        elector = None if scenario == "ha-not-enabled" else StillElector(leads, me, online)
        nowhere = pathlib.Path("/nonexistent")
        self.accounts = Accounts(settings.passwords, {}, "cluster", nowhere)
        return Controller(settings, elector, self.accounts)  # type: ignore[arg-type]

    async def ask(self, scenario: str) -> Json:
        controller = self.controller(scenario)
        cookie = self.accounts.password("dba", "secret")
        call = Call("getControllers", {"request_id": 3}, str(cookie))
        reply = await controller.reply("/v2/host/", call)
        self.assertLessEqual(STAMPS, reply.keys())
        for stamp in STAMPS:
            self.assertRegex(reply[stamp], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        return {key: value for key, value in reply.items() if key not in STAMPS}

    async def test_scenarios(self) -> None:
        for scenario in (*LISTS, "ha-not-enabled"):
            with self.subTest(scenario):
                self.assertEqual(await self.ask(scenario), recorded(scenario))

    async def test_a_redirect_names_the_leader(self) -> None:
        controller = self.controller("no-leader")
        controller._elector.leader = RECORDED_AT[1]  # type: ignore[union-attr]
        reply = controller.redirect(Call("ping", {}))
        roles = [entry["role"] for entry in reply["controllers"].values()]
        self.assertEqual(roles, ["follower", "leader", "follower"])

    async def test_ping_without_ha_has_no_status(self) -> None:
        reply = await self.controller("ha-not-enabled").reply(
            "/v2/controller/", Call("ping", {})
        )
        self.assertEqual(reply["request_status"], "Ok")
        self.assertNotIn("controller_status", reply)

    @unittest.skipUnless("CMON_SIM_RECORDINGS" in os.environ, "no recordings given")
    def test_the_table_above_is_the_recordings(self) -> None:
        directory = pathlib.Path(os.environ["CMON_SIM_RECORDINGS"])
        for scenario in (*LISTS, "ha-not-enabled"):
            with self.subTest(scenario):
                reply = json.loads((directory / f"{scenario}.json").read_text())
                self.assertLessEqual(STAMPS, reply.keys())
                for stamp in STAMPS:
                    del reply[stamp]
                self.assertEqual(reply, recorded(scenario))
