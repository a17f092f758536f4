"""The plot: writes the samples as gnuplot reads them and calls it with failover.gp next to this file."""

import pathlib
import subprocess
from statistics import median

from figures import CASES, NEVER, Case, Json, leader_page, load, percentile

LANES = {"recipe": 0.19, "ours": -0.19}  # above and below the case's own line
SPREAD = 0.20  # height over which the samples of a lane are spread, so that equal ones can be seen
WORDS = ("old leader", "nothing", "new leader", "another node")
LEAST = 10.0  # ms: what was not noticed at all is drawn at the axis' end


def seconds(ms: float) -> str:
    if ms < LEAST:
        return "not noticed"
    return f"{ms / 1000:.0f} s" if ms >= 10_000 else f"{ms / 1000:.1f} s" if ms >= 1000 else f"{ms / 1000:.2f} s"


def lane_rows(case: Case, y: float, lane: int, values: list[float], limit: float) -> tuple[list[str], str]:
    """The points of one lane, and its marks with their text."""
    height = SPREAD / max(1, len(values) - 1)
    points = [
        f"{max(LEAST, min(ms, limit)):.1f} {y + (i * 7 % len(values)) * height - SPREAD / 2:.3f} {lane}"
        for i, ms in enumerate(values)
    ]
    marks = [median(values), percentile(values, 0.95), percentile(values, 0.99)]
    drawn = " ".join(f"{max(LEAST, min(ms, limit)):.1f}" for ms in marks)
    text = f"> {limit / 1000:.0f} s" if marks[0] == NEVER else seconds(marks[0])
    return points, f'{drawn} {y:.3f} {lane} "{text}" {max(LEAST, min(max(values), limit)):.1f}'


def distribution(samples: pathlib.Path) -> int:
    """Writes points.dat, marks.dat and names.gp; returns the number of rows."""
    plotted = [case for case in CASES if case.plotted and case.values(samples, "ours")]
    points: list[str] = []
    marks: list[str] = []
    for row, case in enumerate(plotted):
        y = len(plotted) - row
        for lane, phase in enumerate(LANES):
            tries = load(samples, phase, case.key)
            if tries:
                values = [case.value(sample) for sample in tries]
                more, mark = lane_rows(case, y + LANES[phase], lane, values, float(tries[0]["limit"]))
                points += more
                marks.append(mark)
    (samples / "points.dat").write_text("\n".join(points) + "\n", encoding="utf-8")
    (samples / "marks.dat").write_text("\n".join(marks) + "\n", encoding="utf-8")
    names = ", ".join(f'"{case.plotted}" {len(plotted) - row}' for row, case in enumerate(plotted))
    (samples / "names.gp").write_text(f"set ytics ({names})\n", encoding="utf-8")
    return len(plotted)


def typical(tries: list[Json]) -> Json:
    """The try whose time is nearest to the median."""
    middle = median([leader_page(sample) for sample in tries])
    return min(tries, key=lambda sample: abs(leader_page(sample) - middle))


def seen_as(seen: dict[str, str], sample: Json) -> int:
    """Number in WORDS. A page that says that there is no leader is nothing."""
    if seen.get("status") != "200":
        return 1
    return {sample["from"]: 0, sample["to"]: 2}.get(seen["node"], 3)


def story(samples: pathlib.Path) -> float:
    """Writes story.dat: what the client saw in one typical move; returns where the time axis ends."""
    rows: list[tuple[float, float, str]] = []
    end = 0.0
    for lane, phase in enumerate(LANES):
        tries = load(samples, phase, "leader-moved")
        if tries:
            sample = typical(tries)
            steps: list[tuple[float, int]] = []
            for part in sample["probe"]["phases"]:
                kind = seen_as(part["seen"], sample)
                if not steps or steps[-1][1] != kind:
                    steps.append((float(part["from"]) if steps else 0.0, kind))
            end = max(end, 1.35 * leader_page(sample))
            ends = [start for start, _ in steps[1:]] + [NEVER]
            for (start, kind), stop in zip(steps, ends):
                after = f" after {seconds(leader_page(sample))}" if kind == 2 else ""
                rows.append((start, stop, f'{lane} {kind} "{WORDS[kind]}{after}"'))
    text = "".join(f"{start:.1f} {min(stop, end):.1f} {rest}\n" for start, stop, rest in rows)
    (samples / "story.dat").write_text(text, encoding="utf-8")
    return end


def plot(samples: pathlib.Path, svg: pathlib.Path, footer: str) -> None:
    rows = distribution(samples)
    end = story(samples)
    if not rows or not end:
        return
    settings = f"svg = '{svg}'; data = '{samples}'; footer = '{footer}'; rows = {rows}; end = {end:.1f}"
    subprocess.run(["gnuplot", "-e", settings, pathlib.Path(__file__).with_name("failover.gp")], check=True)
