"""The command line; started by ../nemesis."""

import argparse
import secrets
import signal
import sys
import textwrap

from . import actions
from .excuses import EXCUSES
from .invariants import RULES
from .run import Run, main_loop
from .schedule import KINDS, round_steps

LISTED = 40  # rounds


def arguments() -> argparse.Namespace:
    """Wrong use ends the program with status 2."""
    parser = argparse.ArgumentParser(prog="nemesis DEB", description="breaks the product, checks what was seen")
    parser.add_argument("--minutes", type=float, default=30, help="how long (30)")
    parser.add_argument("--seed", default="", help="what decides on everything (default: a new one, printed)")
    parser.add_argument("--round", type=int, default=1, metavar="N", help="begin with this one (1)")
    parser.add_argument("--keep", action="store_true", help="leave the lab up")
    parser.add_argument("--list", action="store_true", help="print the schedule, break nothing")
    parser.add_argument("--rules", action="store_true", help="print what is checked and what is excused")
    parser.add_argument("--try", action="store_true", dest="only_parse", help=argparse.SUPPRESS)
    return parser.parse_args()


def print_rules() -> None:
    """Both tables."""
    reasons = {name: f"{excuse.reason} (a minute: {excuse.times:g} times, {excuse.seconds:g} s)" for name, excuse in EXCUSES.items()}
    for title, table in (("Checked", RULES), ("Excused", reasons)):
        print(f"{title}:")
        for name, text in table.items():
            print(textwrap.fill(f"{name}: {text}", 110, initial_indent="  ", subsequent_indent="      "))
    print((actions.__doc__ or "").partition("\n\n")[2].strip())


def print_rounds(seed: str, first: int) -> None:
    """What would be broken."""
    for number in range(first, first + LISTED):
        print(f"{number}: {'; '.join(str(step) for step in round_steps(seed, number))}")


def main() -> int:
    """0: all invariants hold; 1: one does not."""
    options = arguments()
    assert KINDS.keys() == actions.ACTIONS.keys()
    seed = options.seed or secrets.token_hex(4)
    if options.only_parse:
        return 0
    if options.rules or options.list:
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        print_rules() if options.rules else print_rounds(seed, options.round)
        return 0
    print(f"nemesis: seed {seed}, {options.minutes:g} minutes, from round {options.round}", flush=True)
    return main_loop(Run(seed, options.minutes, options.round).whole())


if __name__ == "__main__":
    sys.exit(main())
