#!/usr/bin/python3
"""Tests of what the nemesis concludes: no lab, no root. The last line is `N passed, M failed`."""

import pathlib
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from nemesislib.excuses import EXCUSES, MARGIN, Excused, ceiling  # noqa: E402
from nemesislib.history import Fault, History, Holding, now  # noqa: E402
from nemesislib.invariants import Judge  # noqa: E402
from nemesislib.watch import Census  # noqa: E402


class Excuses(unittest.TestCase):
    """How much of what is excused a run may need."""

    def test_what_comes_within_a_second_is_one_episode(self) -> None:
        excused = Excused()
        for start in (0, 20, 40, 900, 5000):
            excused.note("healed", start, start + 10)
        self.assertEqual(excused.episodes("healed"), [(0, 910), (5000, 5010)])
        self.assertEqual(excused.needed("healed"), (2, 0.92))

    def test_the_same_span_counts_once(self) -> None:
        excused = Excused()
        for _ in range(100):
            excused.note("cut pair", 0, 3000)
        self.assertEqual(excused.needed("cut pair"), (1, 3.0))

    def test_the_ceilings_grow_with_the_run(self) -> None:
        for name, excuse in EXCUSES.items():
            self.assertGreaterEqual(ceiling(name, 0)[0], 1)
            self.assertEqual(ceiling(name, 30)[1], excuse.seconds * (30 + MARGIN))

    def test_too_often_or_too_long_is_reported(self) -> None:
        times, seconds = ceiling("woken", 3)
        excused = Excused()
        for number in range(times):
            excused.note("woken", number * 5000, number * 5000 + 50)
        self.assertEqual(list(excused.exceeded(3)), [])
        excused.note("woken", times * 5000, times * 5000 + 50)
        self.assertIn(f"woken {times + 1} times", "".join(excused.exceeded(3)))
        self.assertEqual(list(excused.exceeded(30)), [])

        excused = Excused()
        excused.note("woken", 0, seconds * 1000 + 100)
        self.assertIn("woken 1 times", "".join(excused.exceeded(3)))


class Holders(unittest.TestCase):
    """Two nodes with the virtual IP."""

    def setUp(self) -> None:
        self.history = History()
        self.judge = Judge(self.history, Census())
        self.began = now() - 60000

    def _holds(self, node: str, start: float, end: float) -> None:
        self.history.holdings.append(Holding(self.began + start, node, True))
        self.history.holdings.append(Holding(self.began + end, node, False))

    def _broken(self) -> list[str]:
        return [one.rule for one in self.judge._one_holder(self.began, now())]

    def test_two_holders_without_a_fault_are_a_violation(self) -> None:
        self._holds("cc1", 0, 2000)
        self._holds("cc2", 1500, 4000)
        self.assertEqual(self._broken(), ["one holder"])
        self.assertEqual(self.judge.excused.needed("cut pair"), (0, 0.0))

    def test_two_that_are_cut_off_are_excused_and_counted(self) -> None:
        self._holds("cc1", 0, 2000)
        self._holds("cc2", 1500, 4000)
        times = {name: self.began + at for name, at in (("begun", 900), ("done", 1000), ("healing", 1900), ("healed", 1950))}
        pairs = frozenset((("cc1", "cc2"), ("cc2", "cc1")))
        self.history.faults.append(Fault("cut", "cc1", "cable", blocked=pairs, **times))
        self.assertEqual(self._broken(), [])
        self.assertEqual(self._broken(), [])
        self.assertEqual(self.judge.excused.needed("cut pair"), (1, 0.5))


def main() -> int:
    result = unittest.main(exit=False).result
    bad = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - bad} passed, {bad} failed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
