#!/usr/bin/python3
"""Tests of the simulator itself: loopback only, free ports, short timers.

The last line is `N passed, M failed[, K skipped]`, the exit code 0 if M is 0. With
CMON_SIM_RECORDINGS=DIR the table in simtests/replies.py is compared with the recordings
it was made from. The tests are in simtests/, by subject; a name chooses one or a class of
them, as in `test_cmon_sim.py Rpc.test_ping`.
"""

import pathlib
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from simtests.elections import Elections  # noqa: E402
from simtests.faults import Faults  # noqa: E402
from simtests.life import Life  # noqa: E402
from simtests.replies import RecordedReplies  # noqa: E402
from simtests.rpc import Rpc  # noqa: E402
from simtests.ui import Ui  # noqa: E402

# It is here that unittest looks for them.
__all__ = ["Elections", "Faults", "Life", "RecordedReplies", "Rpc", "Ui"]


def main() -> int:
    result = unittest.main(exit=False).result
    bad = {getattr(test, "test_case", test).id()
           for test, _ in result.failures + result.errors}  # a test, not its subtests
    skipped = len(result.skipped)
    passed = max(result.testsRun - len(bad) - skipped, 0)
    counts = f"{passed} passed, {len(bad)} failed"
    print(counts + (f", {skipped} skipped" if skipped else ""))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
