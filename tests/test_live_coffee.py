"""The first plugin that anybody writes: nine lines, dropped into the folder of a running agent, fire and log."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from agent_process import Nest, agent
from coffee import COFFEE
from crampcoach.control import poke
from desktop import private_bus, wait_for, witness


@pytest.mark.real
def test_the_coffee_plugin_dropped_into_a_running_agent(tmp_path: Path) -> None:
    with private_bus() as bus, witness(bus) as server:
        nest = Nest(tmp_path / "home", {"DBUS_SESSION_BUS_ADDRESS": bus})
        due = nest.next_minute(notice=5)
        # Its time, and only that, comes from the settings: nobody waits until 15:00.
        nest.configure(f'[plugins.coffee]\nschedule = "{due:%H:%M}"\n[plugins.stretching]\nschedule = "23:59"\n')
        with agent(nest) as running:
            assert "coffee" not in nest.run("plugins").out
            nest.drop("coffee", COFFEE)
            assert poke(nest.home.socket_file)
            running.wait_line("changed: plugin coffee", 5)
            assert "coffee.daily" in nest.today()
            popup = server.wait_for(lambda seen: seen.get("title") == "Coffee today?", 70)
            late = popup["t"] + time.time() - time.monotonic() - due.timestamp()
            assert 0 <= late < 3
            assert popup["actions"] == [["had-one", "Had one"], ["snooze", "Snooze 10 min"], ["skip", "Skip"]]
            server.press(popup["id"], "had-one")
            wait_for(lambda: nest.asked("entries"), 5, "the press is in the log")
            (entry,) = nest.asked("entries")
            assert (entry["kind"], entry["fields"], entry["note"]) == ("coffee", {}, "")
            assert nest.today()["coffee.daily"] == "done"
            assert nest.run("log", "coffee", "--note", "the second").code == 0
            assert [entry["note"] for entry in nest.asked("entries", "--kind", "coffee")] == ["the second", ""]
            running.stop()
