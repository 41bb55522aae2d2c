"""A season's instants and words are the same whatever zone the machine stands in: the round's zone is the only one."""

import os
import subprocess
import sys
from pathlib import Path

from tests.browser.running import ROOT

ZONES = ("Asia/Shanghai", "America/Los_Angeles", "Pacific/Kiritimati", "UTC")


def test_a_season_is_the_same_wherever_the_machine_stands(tmp_path: Path) -> None:
    running = [started(tmp_path, zone) for zone in ZONES]
    told = [one.communicate()[0] for one in running]
    assert [one.returncode for one in running] == [0] * len(ZONES)
    here, seasons = zip(*(one.split("\n", 1) for one in told), strict=True)
    assert len(set(here)) == len(ZONES), "the machines stand in one place"
    first = seasons[0].splitlines()
    for zone, season in zip(ZONES[1:], seasons[1:], strict=True):
        assert season.splitlines() == first, zone
    assert "closes 2027-01-15T09:30:00+00:00" in first
    assert "closed 2027-01-15T09:29:59+00:00 []" in first
    assert "closed 2027-01-15T09:30:00+00:00 [1]" in first
    assert [line for line in first if line.startswith("4h ")] == [
        "4h 2027-01-15T05:29:59+00:00 0",
        "4h 2027-01-15T05:30:00+00:00 1",
    ]
    assert any("1月15日（周五）17:30截止，还有26天" in line for line in first)


def started(folder: Path, zone: str) -> "subprocess.Popen[str]":
    place = folder / zone.replace("/", "-")
    place.mkdir()
    command = [sys.executable, "-m", "tests.instants", str(place)]
    # The printed words are Chinese, whatever the machine's locale.
    where = {**os.environ, "TZ": zone, "PYTHONIOENCODING": "utf-8"}
    return subprocess.Popen(command, cwd=ROOT, env=where, stdout=subprocess.PIPE, text=True, encoding="utf-8")
