"""The first evening: the real agent, a real notification server, a real mouse on real buttons."""

from __future__ import annotations

import os
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent_process import Nest, agent
from desktop import click_button, popup, popups, private_bus, screenshot, virtual_screen, wait_for, xfce

ARTIFACTS = Path(__file__).parent.parent / ".artifacts"
STRETCH = "stretching.evening"
SNOOZE, DONE, BUTTONS = 2, 0, 4


@pytest.mark.real
def test_a_stretch_is_snoozed_and_then_done_with_the_mouse(tmp_path: Path) -> None:
    with private_bus() as bus, virtual_screen() as display, xfce(bus, display):
        only = {"CRAMPCOACH_PLUGINS": "desktop,stretching"}
        nest = Nest(tmp_path / "home", {"DBUS_SESSION_BUS_ADDRESS": bus, "DISPLAY": display, **only})
        nest.signs_are_known()
        due = nest.next_minute(notice=5)
        nest.configure(f'[plugins.stretching]\nschedule = "{due:%H:%M}"\nsnooze = 1\n')
        with agent(nest) as running:
            # The welcome of the very first run: it has no buttons, and is clicked away.
            popup(display)
            screenshot(display, ARTIFACTS / "first-welcome.png")
            dismiss(display)
            (planned,) = nest.asked("today")
            assert (planned["reminder"], planned["state"]) == (STRETCH, "planned")
            assert planned["due"] == due.isoformat(timespec="seconds")

            wait_for(lambda: popups(display), 75, "the stretch")
            assert 0 <= time.time() - due.timestamp() < 15
            window = popup(display)
            screenshot(display, ARTIFACTS / "first-stretch.png")
            assert nest.today() == {STRETCH: "shown"}
            clicked = datetime.now(UTC)
            click_button(display, window, SNOOZE, BUTTONS)
            wait_for(lambda: nest.row(STRETCH).state == "snoozed", 30, "the click on Snooze counts")
            wait_for(lambda: not popups(display), 5, "the popup goes")
            row = nest.row(STRETCH)
            assert timedelta(0) <= row.due - clicked - timedelta(minutes=1) < timedelta(seconds=5)
            (today,) = nest.asked("today")
            assert today["state"] == "snoozed"
            assert datetime.fromisoformat(today["due"]) == row.due.replace(microsecond=0)
            assert nest.asked("entries") == []

            wait_for(lambda: popups(display), 75, "the stretch again")
            assert 0 <= time.time() - row.due.timestamp() < 15
            window = popup(display)
            screenshot(display, ARTIFACTS / "first-stretch-again.png")
            click_button(display, window, DONE, BUTTONS)
            wait_for(lambda: nest.today() == {STRETCH: "done"}, 30, "the click on Done counts")
            wait_for(lambda: not popups(display), 5, "the popup goes")
            screenshot(display, ARTIFACTS / "first-done.png")
            wait_for(lambda: nest.asked("entries"), 5, "its entry stands in the log")
            (entry,) = nest.asked("entries")
            assert entry["kind"] == "stretch"
            assert nest.asked("status")["open"] == []
            running.stop()


def dismiss(display: str) -> None:
    """Click a popup without buttons away."""
    window = popup(display)
    middle = [str(window.x + window.width // 2), str(window.y + window.height // 2)]
    env = {**os.environ, "DISPLAY": display}
    subprocess.run(["xdotool", "mousemove", *middle, "click", "1"], env=env, check=True, timeout=10)
    wait_for(lambda: not popups(display), 5, "the popup goes")
