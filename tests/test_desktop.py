"""What a person presses on the desktop reaches the agent, and what they cannot see is never called delivered."""

from __future__ import annotations

import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from crampcoach.actions import Action, Skip, Snooze
from crampcoach.model import Message
from crampcoach.notifier import Delivered, Failed
from crampcoach_desktop.linux import DesktopNotifier
from desktop import (
    WitnessProcess,
    click_button,
    dunst,
    has_server,
    popup,
    popups,
    private_bus,
    screenshot,
    virtual_screen,
    wait_for,
    witness,
    xfce,
)

EVENING = "stretching.evening/2026-11-22/22:00"
MORNING = "cramps.night/2026-11-23/07:30"
BUTTONS = (
    Action(label="Done"),
    Action(label="Snooze 10 min", then=Snooze(10), key="snooze"),
    Action(label="Skip", then=Skip(), key="skip"),
)
ARTIFACTS = Path(__file__).parent.parent / ".artifacts"


class Heard:
    """What the core would be told, in order."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str, str]] = []

    def answer(self, occurrence: str, action: str) -> None:
        self.said.append(("answer", occurrence, action))

    def closed(self, occurrence: str, reason: str) -> None:
        self.said.append(("closed", occurrence, reason))

    def wait(self, *said: tuple[str, str, str]) -> None:
        """Wait until exactly these have been said."""
        wait_for(lambda: len(self.said) >= len(said), 5, f"{said}; heard {self.said}")
        assert self.said == list(said)


def message(occurrence: str = EVENING, body: str = "Three stretches", **fields: object) -> Message:
    values = {"title": "Stretch your calves", "actions": BUTTONS, **fields}
    return Message(body=body, occurrence=occurrence, **values)  # type: ignore[arg-type]


def shown(notifier: DesktopNotifier, what: Message) -> str:
    """Show it; its receipt."""
    outcome = notifier.show(what)
    assert isinstance(outcome, Delivered), outcome
    assert outcome.receipt is not None
    return outcome.receipt


def number_of(receipt: str) -> int:
    return int(receipt.rsplit("/", 1)[1])


def process_of(bus: str) -> int:
    """The process id of a bus."""
    with socket.socket(socket.AF_UNIX) as asking:
        asking.connect(bus.removeprefix("unix:path="))
        process: int = struct.unpack("i8x", asking.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]
    return process


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def notifier(heard: Heard) -> Iterator[DesktopNotifier]:
    made = DesktopNotifier()
    made.start(heard)
    yield made
    made.close()


# --- pressing --------------------------------------------------------------------------------------------------


@pytest.mark.pure
def test_every_button_of_every_message_comes_back(
    server: WitnessProcess, notifier: DesktopNotifier, heard: Heard
) -> None:
    for action in BUTTONS:
        heard.said.clear()
        server.press(number_of(shown(notifier, message())), action.key)
        heard.wait(("answer", EVENING, action.key))
    # A press and then a close is one answer: had the close been told too, it would stand before the next event.
    server.tell(dismiss=number_of(shown(notifier, message(MORNING))))
    heard.wait(("answer", EVENING, "skip"), ("closed", MORNING, "dismissed"))


@pytest.mark.pure
def test_the_press_of_a_server_that_is_quicker_than_we_are(bus: str, notifier: DesktopNotifier, heard: Heard) -> None:
    with witness(bus, "--press", "snooze"):  # in the same turn as its reply
        for number in range(20):
            occurrence = f"stretching.evening/2026-11-22/22:{number:02}"
            shown(notifier, message(occurrence))
            wait_for(lambda at=occurrence: ("answer", at, "snooze") in heard.said, 5)  # type: ignore[misc]
    assert [what for what, _, _ in heard.said] == ["answer"] * 20


@pytest.mark.pure
def test_only_keys_of_the_message_count(server: WitnessProcess, notifier: DesktopNotifier, heard: Heard) -> None:
    number = number_of(shown(notifier, message()))
    server.press(number, "default", keep=True)  # the body was clicked
    server.press(number + 100, "done", keep=True)  # somebody else's popup
    server.press(number, "done")
    heard.wait(("answer", EVENING, "done"))
    look = Action(label="Look", key="look")
    server.press(number_of(shown(notifier, message(MORNING, actions=[look]))), "look")
    heard.wait(("answer", EVENING, "done"), ("answer", MORNING, "look"))


@pytest.mark.pure
def test_a_popup_that_stays_after_a_press_can_be_pressed_again_and_withdrawn(
    server: WitnessProcess, notifier: DesktopNotifier, heard: Heard
) -> None:
    number = number_of(shown(notifier, message()))
    server.press(number, "snooze", keep=True)
    server.press(number, "done", keep=True)
    heard.wait(("answer", EVENING, "snooze"), ("answer", EVENING, "done"))
    notifier.withdraw(EVENING)
    server.wait_for(lambda seen: seen["event"] == "closed" and seen["id"] == number)


@pytest.mark.pure
def test_a_core_that_raises_does_not_end_the_presses(server: WitnessProcess, caplog: pytest.LogCaptureFixture) -> None:
    class Raising(Heard):
        def answer(self, occurrence: str, action: str) -> None:
            super().answer(occurrence, action)
            raise RuntimeError("a fault in the core")

    heard = Raising()
    notifier = DesktopNotifier()
    notifier.start(heard)
    for _ in range(2):
        server.press(number_of(shown(notifier, message())), "done")
        wait_for(lambda: heard.said)
        heard.said.clear()
    notifier.close()
    assert "a fault in the core" in caplog.text


@pytest.mark.pure
def test_an_expired_popup_can_still_be_pressed(server: WitnessProcess, notifier: DesktopNotifier, heard: Heard) -> None:
    # elementary says "expired" when a popup moves to its list, where the buttons still work
    number = number_of(shown(notifier, message()))
    server.tell(expire=number)
    heard.wait(("closed", EVENING, "expired"))
    server.press(number, "done", keep=True)
    heard.wait(("closed", EVENING, "expired"), ("answer", EVENING, "done"))
    expired = number_of(shown(notifier, message(MORNING)))
    server.tell(expire=expired)
    wait_for(lambda: len(heard.said) == 3)
    again = number_of(shown(notifier, message(MORNING)))
    assert again != expired
    notifier.withdraw(MORNING)
    other = number_of(shown(notifier, message("hydration.day/2026-11-23/11:00")))
    assert [seen["id"] for seen in server.events("close")] == [again]
    server.tell(expire=other)
    wait_for(lambda: len(heard.said) == 4)
    server.kill()
    assert notifier.show(message()) == Failed("no notification server is running")
    assert len(heard.said) == 4  # what has expired is not lost as well


@pytest.mark.pure
def test_closing_from_within_an_answer(server: WitnessProcess, caplog: pytest.LogCaptureFixture) -> None:
    class Closing(Heard):
        def answer(self, occurrence: str, action: str) -> None:
            closing.close()
            super().answer(occurrence, action)

    heard = Closing()
    closing = DesktopNotifier()
    closing.start(heard)
    server.press(number_of(shown(closing, message())), "done")
    heard.wait(("answer", EVENING, "done"))
    assert caplog.text == ""


# --- what is shown ---------------------------------------------------------------------------------------------


@pytest.mark.pure
def test_what_the_server_is_told(server: WitnessProcess, notifier: DesktopNotifier, tmp_path: Path) -> None:
    picture = tmp_path / "calf stretch.png"
    receipt = shown(notifier, message(body="10 s <b>each</b> & both", picture=picture, urgency="critical"))
    seen = server.events("notify")[0]
    assert seen["title"] == "Stretch your calves"
    assert seen["body"] == "10 s &lt;b&gt;each&lt;/b&gt; &amp; both"
    assert seen["actions"] == [["done", "Done"], ["snooze", "Snooze 10 min"], ["skip", "Skip"]]
    assert (seen["app_name"], seen["timeout"], seen["replaces_id"]) == ("crampcoach", 0, 0)
    assert seen["hints"] == {
        "urgency": 2,
        "desktop-entry": "crampcoach",
        "x-crampcoach-occurrence": EVENING,
        "image-path": picture.as_uri(),
    }
    bus_id, owner, number = receipt.split("/")
    assert (len(bus_id), owner[0], int(number)) == (32, ":", seen["id"])
    shown(notifier, message(MORNING))
    assert len(server.events("capabilities")) == 1


@pytest.mark.pure
def test_a_server_without_markup_gets_the_body_as_it_is(bus: str, notifier: DesktopNotifier) -> None:
    with witness(bus, "--no-markup") as server:
        shown(notifier, message(body="10 s <b>each</b> & both"))
        assert server.events("notify")[0]["body"] == "10 s <b>each</b> & both"


@pytest.mark.pure
def test_a_server_without_buttons_gets_the_command(bus: str, notifier: DesktopNotifier) -> None:
    with witness(bus, "--no-actions") as server:
        shown(notifier, message())
        shown(notifier, message(body=""))
        shown(notifier, message("", body="Hello"))
        seen = server.events("notify")
    name = "stretching.evening"
    line = (
        f"Answer with: crampcoach done {name}  (Done)\n"
        f"or: crampcoach snooze {name}  (Snooze 10 min)\nor: crampcoach skip {name}  (Skip)"
    )
    assert [one["body"] for one in seen] == [f"Three stretches\n{line}", line, "Hello"]
    assert all(one["actions"] == [] for one in seen)


@pytest.mark.pure
def test_text_that_no_bus_takes_is_made_fit(server: WitnessProcess, notifier: DesktopNotifier) -> None:
    shown(notifier, message(title="Calf\0", body="half \ud83d of an emoji, and a whole one 🦵"))
    seen = server.events("notify")[0]
    assert (seen["title"], seen["body"]) == ("Calf", "half ? of an emoji, and a whole one 🦵")


@pytest.mark.pure
def test_a_long_message_is_shown_whole(server: WitnessProcess, notifier: DesktopNotifier) -> None:
    shown(notifier, message(body="x" * 1_000_000))
    assert server.events("notify")[0]["body"].count("x") == 1_000_000


@pytest.mark.pure
def test_the_same_occurrence_replaces_its_popup(
    server: WitnessProcess, notifier: DesktopNotifier, heard: Heard
) -> None:
    first = number_of(shown(notifier, message()))
    other = number_of(shown(notifier, message(MORNING)))
    again = number_of(shown(notifier, message(body="Still time")))
    assert (first, again) == (1, 1)
    assert other == 2
    assert [seen["replaces_id"] for seen in server.events("notify")] == [0, 0, first]
    server.press(again, "done")
    heard.wait(("answer", EVENING, "done"))
    shown(notifier, message("", body="one"))
    shown(notifier, message("", body="two"))
    assert [seen["replaces_id"] for seen in server.events("notify")][3:] == [0, 0]


# --- going away ------------------------------------------------------------------------------------------------


@pytest.mark.pure
def test_dismissed_and_expired_are_told(server: WitnessProcess, notifier: DesktopNotifier, heard: Heard) -> None:
    server.tell(dismiss=number_of(shown(notifier, message())))
    server.tell(expire=number_of(shown(notifier, message(MORNING))))
    heard.wait(("closed", EVENING, "dismissed"), ("closed", MORNING, "expired"))


@pytest.mark.pure
def test_withdraw_takes_only_its_popup_and_says_nothing(
    server: WitnessProcess, notifier: DesktopNotifier, heard: Heard
) -> None:
    number = number_of(shown(notifier, message()))
    kept = number_of(shown(notifier, message(MORNING)))
    notifier.withdraw(EVENING)
    notifier.withdraw(EVENING)
    notifier.withdraw("nobody.knows/2026-11-22/22:00")
    server.wait_for(lambda seen: seen["event"] == "closed" and seen["id"] == number)
    shown(notifier, message())
    assert server.events("notify")[-1]["replaces_id"] == 0
    server.press(kept, "done")
    heard.wait(("answer", MORNING, "done"))
    assert len(server.events("close")) == 1


@pytest.mark.pure
def test_a_message_withdrawn_while_it_is_on_its_way_does_not_stay(
    server: WitnessProcess, notifier: DesktopNotifier, heard: Heard
) -> None:
    shown(notifier, message(MORNING))
    server.tell(slow=2)
    worker = threading.Thread(target=notifier.show, args=[message()])
    worker.start()
    server.wait_for(lambda seen: seen["event"] == "notify" and seen["occurrence"] == EVENING)
    notifier.withdraw(EVENING)
    assert worker.is_alive()  # the server has it, and has not answered yet
    worker.join(5)
    server.wait_for(lambda seen: seen["event"] == "closed" and seen["occurrence"] == EVENING)
    assert heard.said == []


@pytest.mark.pure
def test_close_leaves_popups_where_they_are(server: WitnessProcess, notifier: DesktopNotifier, heard: Heard) -> None:
    before = threading.active_count()
    shown(notifier, message())
    assert threading.active_count() == before + 1
    notifier.close()
    notifier.close()
    assert threading.active_count() == before
    assert isinstance(notifier.show(message()), Failed)
    assert (heard.said, server.events("close")) == ([], [])


# --- what breaks -----------------------------------------------------------------------------------------------


@pytest.mark.pure
@pytest.mark.parametrize(
    ("address", "reason"),
    [
        (None, "no desktop session bus (DBUS_SESSION_BUS_ADDRESS is not set)"),
        ("", "no desktop session bus (DBUS_SESSION_BUS_ADDRESS is not set)"),
        ("unix:path=/nowhere/bus", "no desktop session bus answers at unix:path=/nowhere/bus"),
        ("tcp:host=localhost,port=1", "no address of a Unix socket"),
        ("nonsense", "no address of a Unix socket"),
    ],
)
def test_no_bus(monkeypatch: pytest.MonkeyPatch, address: str | None, reason: str) -> None:
    if address is None:
        monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    else:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    notifier = DesktopNotifier()
    notifier.start(Heard())
    outcome = notifier.show(message())
    assert isinstance(outcome, Failed)
    assert reason in outcome.reason
    assert notifier.adopt(EVENING, "0/:1.1/1") is False
    notifier.withdraw(EVENING)
    notifier.close()


@pytest.mark.pure
def test_no_server_and_then_one(bus: str, notifier: DesktopNotifier, heard: Heard) -> None:
    assert notifier.show(message()) == Failed("no notification server is running")
    with witness(bus) as server:
        server.press(number_of(shown(notifier, message())), "done")
        heard.wait(("answer", EVENING, "done"))


@pytest.mark.pure
def test_a_server_that_dies_and_returns(bus: str, notifier: DesktopNotifier, heard: Heard) -> None:
    with witness(bus, "--no-markup") as server:
        shown(notifier, message(body="<1>"))
        server.press(number_of(shown(notifier, message(MORNING))), "done", keep=True)
        heard.wait(("answer", MORNING, "done"))
        server.kill()
        heard.wait(("answer", MORNING, "done"), ("closed", EVENING, "lost"))
        assert notifier.show(message()) == Failed("no notification server is running")
    heard.said.clear()
    with witness(bus) as server:
        old = 2  # was the morning's, and is nobody's now
        number = number_of(shown(notifier, message(body="<1>")))
        server.press(old, "done", keep=True)
        server.press(number, "skip")
        heard.wait(("answer", EVENING, "skip"))
        assert server.events("notify")[0]["body"] == "&lt;1&gt;"  # asked anew what it can do


@pytest.mark.pure
def test_a_server_that_dies_while_it_should_answer(bus: str, notifier: DesktopNotifier) -> None:
    with witness(bus) as server:
        shown(notifier, message())
        server.tell(hang=60)
        threading.Timer(0.3, server.kill).start()
        assert notifier.show(message()) == Failed("the notification server went away before it answered")


@pytest.mark.pure
def test_a_server_that_hangs(server: WitnessProcess, notifier: DesktopNotifier, heard: Heard) -> None:
    shown(notifier, message(MORNING))
    server.tell(hang=5)
    began = time.monotonic()
    outcome = notifier.show(message())
    assert time.monotonic() - began < 15
    assert outcome == Failed("the notification server did not answer within 4 seconds")
    # It was called a failure, so that somebody else may have shown it: late, it must not stay.
    late = server.wait_for(lambda seen: seen["event"] == "notify" and seen["occurrence"] == EVENING)
    server.wait_for(lambda seen: seen["event"] == "closed" and seen["id"] == late["id"])
    server.press(number_of(shown(notifier, message())), "done")
    heard.wait(("answer", EVENING, "done"))


@pytest.mark.pure
def test_a_bus_that_hangs(server: WitnessProcess, bus: str, notifier: DesktopNotifier, heard: Heard) -> None:
    fresh = DesktopNotifier()
    fresh.start(heard)
    shown(notifier, message())
    daemon = process_of(bus)
    os.kill(daemon, signal.SIGSTOP)
    try:
        for tried in (notifier, fresh):
            began = time.monotonic()
            assert isinstance(tried.show(message(MORNING)), Failed)
            assert time.monotonic() - began < 15
    finally:
        os.kill(daemon, signal.SIGCONT)
    # The connection is still good, and what came too late is taken away.
    late = server.wait_for(lambda seen: seen["event"] == "notify" and seen["occurrence"] == MORNING)
    server.wait_for(lambda seen: seen["event"] == "closed" and seen["id"] == late["id"])
    server.press(number_of(shown(fresh, message())), "done")
    heard.wait(("answer", EVENING, "done"))
    fresh.close()


@pytest.mark.pure
def test_a_bus_that_takes_us_in_and_then_says_nothing(
    monkeypatch: pytest.MonkeyPatch, notifier: DesktopNotifier
) -> None:
    threads = threading.active_count()
    with tempfile.TemporaryDirectory(prefix="crampcoach-") as name, socket.socket(socket.AF_UNIX) as listening:
        listening.bind(f"{name}/bus")
        listening.listen()
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={name}/bus")

        def welcome() -> None:
            peer, _ = listening.accept()
            with peer:
                peer.recv(100)
                peer.sendall(b"OK 0123456789abcdef0123456789abcdef\r\n")
                while peer.recv(1000):
                    pass

        host = threading.Thread(target=welcome)
        host.start()
        began = time.monotonic()
        assert isinstance(notifier.show(message()), Failed)
        assert time.monotonic() - began < 15
        host.join(1)
    assert threading.active_count() <= threads


@pytest.mark.pure
def test_a_bus_that_dies_and_another_at_its_address(
    monkeypatch: pytest.MonkeyPatch, notifier: DesktopNotifier, heard: Heard
) -> None:
    with tempfile.TemporaryDirectory(prefix="crampcoach-") as name:  # tmp_path may be too long for a socket
        first = ExitStack()
        address = first.enter_context(private_bus(Path(name)))
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        with witness(address):
            receipt = shown(notifier, message())
            bus_id, owner, number = receipt.split("/")
            assert notifier.adopt(MORNING, f"{bus_id}/{owner}9/{number}") is False
            threads = threading.active_count()
            os.kill(process_of(address), signal.SIGKILL)  # it says no goodbye for its servers
            heard.wait(("closed", EVENING, "lost"))
            first.close()
        outcome = notifier.show(message())
        assert isinstance(outcome, Failed)
        assert outcome.reason.startswith("no desktop session bus answers at ")
        with private_bus(Path(name)) as again, witness(again) as server:
            assert again == address
            assert notifier.adopt(EVENING, receipt) is False
            server.press(number_of(shown(notifier, message())), "done")
            heard.wait(("closed", EVENING, "lost"), ("answer", EVENING, "done"))
            assert threading.active_count() == threads


# --- an agent that was started anew ----------------------------------------------------------------------------


@pytest.mark.pure
def test_the_popup_of_an_earlier_run_is_still_answered(server: WitnessProcess, heard: Heard) -> None:
    first = DesktopNotifier()
    first.start(Heard())
    receipt = shown(first, message())
    first.close()
    second = DesktopNotifier()
    second.start(heard)
    assert second.adopt(EVENING, receipt) is True
    server.press(number_of(receipt), "whatever-was-on-it")
    heard.wait(("answer", EVENING, "whatever-was-on-it"))
    receipt = shown(second, message())
    second.close()
    third = DesktopNotifier()
    third.start(heard)
    assert third.adopt(EVENING, receipt)
    assert shown(third, message(body="Still time")) == receipt  # in its place
    third.withdraw(EVENING)
    server.wait_for(lambda seen: seen["event"] == "closed" and seen["id"] == number_of(receipt))
    third.close()


@pytest.mark.pure
def test_a_popup_of_a_server_that_is_gone_is_not_adopted(bus: str, notifier: DesktopNotifier, heard: Heard) -> None:
    with witness(bus):
        receipt = shown(notifier, message())
    second = DesktopNotifier()
    second.start(heard)
    heard.wait(("closed", EVENING, "lost"))
    assert second.adopt(EVENING, receipt) is False  # no server at all
    with witness(bus) as server:
        assert second.adopt(EVENING, receipt) is False
        for nonsense in ("", "/", "a/b", "a/b/c/d", f"{receipt}x", f"0/{receipt.split('/', 1)[1]}"):
            assert second.adopt(EVENING, nonsense) is False
        server.press(number_of(receipt), "done", keep=True)  # its number belongs to somebody else now
        server.press(number_of(shown(second, message(MORNING))), "skip")
        heard.wait(("closed", EVENING, "lost"), ("answer", MORNING, "skip"))
    second.close()


# --- real servers ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    with virtual_screen() as made:
        yield made


@pytest.mark.real
def test_a_mouse_click_on_a_real_button(bus: str, display: str, notifier: DesktopNotifier, heard: Heard) -> None:
    with xfce(bus, display):
        for index, action in enumerate(BUTTONS):
            heard.said.clear()
            shown(notifier, message(body="Three stretches, <10 s> each & both legs"))
            window = popup(display)
            screenshot(display, ARTIFACTS / f"xfce-{action.key}.png")
            click_button(display, window, index, len(BUTTONS))
            heard.wait(("answer", EVENING, action.key))
            wait_for(lambda: not popups(display), 5, "the popup goes")
        shown(notifier, message())
        popup(display)
        notifier.withdraw(EVENING)
        wait_for(lambda: not popups(display), 5, "the popup goes")
        assert len(heard.said) == 1


@pytest.mark.real
def test_a_real_popup_outlives_the_agent(bus: str, display: str, heard: Heard) -> None:
    with xfce(bus, display):
        first = DesktopNotifier()
        first.start(Heard())
        receipt = shown(first, message())
        popup(display)
        first.close()
        second = DesktopNotifier()
        second.start(heard)
        assert second.adopt(EVENING, receipt)
        click_button(display, popup(display), 1, len(BUTTONS))
        heard.wait(("answer", EVENING, "snooze"))
        second.close()


@pytest.mark.real
def test_dunst(bus: str, display: str, notifier: DesktopNotifier, heard: Heard) -> None:
    with dunst(bus, display) as choose:
        assert has_server(bus)
        for action in BUTTONS:
            heard.said.clear()
            shown(notifier, message())
            popup(display, "dunst")
            screenshot(display, ARTIFACTS / f"dunst-{action.key}.png")
            choose(action.label)
            heard.wait(("answer", EVENING, action.key))
            notifier.withdraw(EVENING)
            wait_for(lambda: not popups(display, "dunst"), 5, "the popup goes")


@pytest.mark.pure
def test_the_plugin_module_loads_no_bus_library() -> None:
    code = "import sys, crampcoach_desktop; sys.exit('jeepney' in sys.modules or 'socket' in sys.modules)"
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", code], check=True, env=env, timeout=30)
