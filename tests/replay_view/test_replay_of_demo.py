"""The demo's day replayed as a user does: a picture at the row where an alert fired."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import pytest

from abtrade import replay
from abtrade.demo import demo
from abtrade.replay.view.app import View
from abtrade.replay.view.shot import write_shot

PICTURE = Path(__file__).resolve().parents[2] / "docs" / "replay-screen.svg"


def test_the_picture_of_the_documentation_is_the_demo_s(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """``ABTRADE_GOLDEN=write`` draws it anew; then the view is opened at the same row."""
    assert demo(tmp_path / "demo")
    alerts = (tmp_path / "demo/scan/alerts.jsonl").read_text("utf-8").splitlines()
    alert = next(each for each in map(json.loads, alerts) if each["rule"] == "shfe.self_trade")
    with replay(tmp_path / "demo/scan", "cu2503", subject=f"group:{alert['subject']}") as session:
        row = session.next_alert(1)
        assert row is not None
        session.seek_row(row)
        drawn = tmp_path / "at.svg"
        write_shot(session, drawn, lang="en", width=100, height=30)
        if os.environ.get("ABTRADE_GOLDEN") == "write":
            PICTURE.write_bytes(drawn.read_bytes())
        assert drawn.read_text("utf-8") == PICTURE.read_text("utf-8")
        there = session.state_hash()
        view = View(session, row, 1.0, "en")

        async def look() -> None:
            async with view.run_test(size=(100, 30)) as pilot:
                while view.moment is None or view.is_waiting:
                    await pilot.pause(0.01)
                for keys in (("left", "right"), ("full_stop", "E", "end", "home", "a")):
                    for key in keys:
                        view.simulate_key(key)
                        await pilot.pause(0)
                        while view.is_waiting:
                            await pilot.pause(0.002)
                    assert view.moment.row == row

        asyncio.run(look())
        view.leave()
        assert view.failure is None
        assert (session.row, session.state_hash()) == (row, there)
