"""Elections between processes, restarts, the control socket."""

import contextlib
import io
import json
import signal
import socket
import subprocess
import time

from cmonsim import settings as settings_module

from .cluster import HEARTBEAT_MS, RANDOM_MS, TIMEOUT_MS, Sim, WithCluster, wait_until
from .common import LAB, PATIENCE, Json


class Life(WithCluster):
    """Elections between processes, restarts, the control socket."""

    def role_events(self, sims: list[Sim]) -> list[Json]:
        events = [event for sim in sims for event in sim.events()]
        roles = [event for event in events if event["event"] == "role"]
        return sorted(roles, key=lambda event: float(event["monotonic_ms"]))

    def test_transfer_is_immediate(self) -> None:
        def last(node: str, role: str) -> list[dict[str, float]]:
            return [e for e in self.role_events(self.sims) if (e["node"], e["role"]) == (node, role)][-1:]

        was = last("cc1", "leader")
        self.cc2.do("lead")
        up = last("cc2", "leader")[0]
        down = wait_until("cc1 follows", lambda: [e for e in last("cc1", "follower") if e["monotonic_ms"] > was[0]["monotonic_ms"]])[0]
        # Without an election: that begins only after the heartbeats' timeout.
        self.assertLess(abs(up["monotonic_ms"] - down["monotonic_ms"]), TIMEOUT_MS)

    def test_death_of_the_leader(self) -> None:
        died = time.monotonic() * 1000
        self.cc1.stop(signal.SIGKILL)
        survivors = [self.cc2, self.cc3]
        wait_until("a new leader", lambda: any(
            sim.control("status")["role"] == "leader" for sim in survivors
        ))
        took = self.role_events(survivors)[-1]["monotonic_ms"] - died
        self.assertGreater(took, TIMEOUT_MS - HEARTBEAT_MS - 20)
        self.assertLess(took, 2 * (TIMEOUT_MS + RANDOM_MS) + 500)
        self.cc1.start()
        status = wait_until("the leader is known", lambda: [
            status for status in [self.cc1.control("status")] if status["leader"]
        ])[0]
        self.assertEqual(status["role"], "follower")

    def test_lonely_leader_gives_up_or_not(self) -> None:
        for sim in (self.cc2, self.cc3):
            sim.stop(signal.SIGKILL)
        self.cc1.do("stepdown-after", "never")
        time.sleep(TIMEOUT_MS / 1000 + 0.2)
        self.assertEqual(self.cc1.do("status")["role"], "leader")
        self.assertEqual(self.cc1.do("status")["online"], [self.cc1.address])
        self.cc1.do("stepdown-after", f"{TIMEOUT_MS}ms")
        wait_until("step-down", lambda: self.cc1.control("status")["role"] != "leader")
        self.assertFalse(self.cc1.control("step-down")["ok"])
        for sim in (self.cc2, self.cc3):
            sim.start()

    def test_end_and_second_start(self) -> None:
        second = subprocess.run([LAB / "cmon-sim", *self.cc3.arguments()],
                                capture_output=True, timeout=PATIENCE, text=True)
        self.assertEqual(second.returncode, 1)
        self.assertIn("already running", second.stderr)
        self.assertEqual(self.cc3.stop(), 0)
        self.assertFalse((self.cc3.state_dir / "control").exists())
        self.assertEqual(self.cc3.events()[-1]["event"], "stop")
        self.cc3.start()

    def test_control_socket(self) -> None:
        mode = (self.cc1.state_dir / "control").stat().st_mode & 0o777
        self.assertEqual(mode, 0o600)
        for line in ("bogus", "fault", "fault bogus", "fault slow", "fault slow x",
                     "fault hang x", "ui", "ui sideways", "status x", "stepdown-after soon",
                     "host-status nobody x", "status-text king x", "login there", ""):
            with self.subTest(line):
                answer = self.cc1.control(*line.split())
                self.assertFalse(answer["ok"])
                self.assertTrue(answer["error"])

    def test_control_client(self) -> None:
        client = [str(LAB / "cmon-simctl"), "--state-dir", str(self.cc2.state_dir)]
        for line, code in ("status", 0), ("step-down", 1), ("help", 0), ("", 2):
            command = [*client, *line.split()]
            run = subprocess.run(command, capture_output=True, check=False)
            self.assertEqual(run.returncode, code)
            if code < 2:
                self.assertEqual(json.loads(run.stdout)["ok"], code == 0)

    def test_word_commands(self) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.connect(str(self.cc1.state_dir / "control"))
            lines = connection.makefile("rw")
            for line, ok in ("fault wrong-status 'two words'", True), ("fault '", False):
                print(line, file=lines, flush=True)
                self.assertEqual(json.loads(lines.readline())["ok"], ok)
        self.assertEqual(self.cc1.ping()["controller_status"], "two words")

    def test_wrong_command_lines(self) -> None:
        good = ["--name=x", "--address=127.0.0.1"]
        for words in (["--peers=127.0.0.2"], ["--names=a,b"], ["--rpc-port=0"],
                      ["--heartbeat=1s"], ["--stepdown=soon"], ["--user=x"], ["--bogus"]):
            with contextlib.redirect_stderr(io.StringIO()) as said:
                with self.assertRaises(SystemExit) as end:
                    settings_module.parse([*good, *words])
            self.assertEqual(end.exception.code, 2, words)
            self.assertIn("error: ", said.getvalue())
