"""The phone push of examples/plugins: what leaves this machine and what is said of it, with a server on loopback."""

from __future__ import annotations

import json
import logging
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from types import ModuleType
from typing import Any

import pytest

from coaching import coach_of, log
from coffee import COFFEE
from commands import Commands
from crampcoach import Action, Failed, Log, Message, Notifier, Unconfirmed
from crampcoach.plugins import load_file
from crampcoach.testing import Coach
from examples import FOLDER, source

pytestmark = pytest.mark.real

NEUTRAL = "crampcoach has something for you"
TOLD_ONLY = Failed("the phone was told only that there is something, for full_text is off")
#: Whoever knows these can read what is sent.
SECRETS = ("s3cr3t-topic", "pa55word", "m4ry")
EVENING = "stretching.evening/2026-11-22/22:00"
#: No word of it may leave by itself.
STRETCH = Message(
    title="Time for the evening stretch",
    body="Both calves, then rest.",
    actions=[Action(label="Done"), Action(label="Hard knot", then=Log("cramp", muscle="calf"))],
    occurrence=EVENING,
)
HEALTH = ("stretch", "calv", "rest.", "knot", "muscle", "done", "evening", "doctor", "leg", "swollen", "breath", "help")


@dataclass
class Phone:
    """A server that keeps what it is sent. `status` is what it answers; before that it waits until it is let go."""

    status: int = 200
    got: list[str] = field(default_factory=list)
    processes: list[str] = field(default_factory=list)
    let_go: Event = field(default_factory=Event)
    port: int = 0

    def __post_init__(self) -> None:
        self.let_go.set()

    def url(self, scheme: str = "ntfy") -> str:
        """An address of apprise's, with a name, a password and a topic that are nobody's business."""
        return f"{scheme}://{SECRETS[2]}:{SECRETS[1]}@127.0.0.1:{self.port}/{SECRETS[0]}"

    def words(self) -> list[str]:
        """What each message would show."""
        return [json.loads(one.partition("\n\n")[2])["message"] for one in self.got]


def _handler(phone: Phone) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            phone.got.append(f"{self.path}\n{self.headers}\n{body}".replace("\n\n\n", "\n\n"))
            phone.processes += [text for path in Path("/proc").glob("[0-9]*/cmdline") if _ours(text := _read(path))]
            phone.let_go.wait(20)
            try:
                self.send_response(phone.status)
                self.end_headers()
                self.wfile.write(b"{}")
            except OSError:
                pass  # nobody waits for it any more

        def log_message(self, format: str, *args: object) -> None:
            """Not into the test's output."""

    return Handler


def _ours(command: str) -> bool:
    """Other people's processes are none of a test's business."""
    return any(word in command for word in ("push.py", *SECRETS, STRETCH.title, STRETCH.body))


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace").replace("\0", " ")
    except OSError:  # it has ended
        return ""


@pytest.fixture
def phone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Phone]:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1")
    made = Phone()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(made))
    server.daemon_threads = True
    made.port = server.server_address[1]
    serving = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    serving.start()
    yield made
    made.let_go.set()
    server.shutdown()
    serving.join(5)
    server.server_close()


@pytest.fixture
def urls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file with the addresses."""
    monkeypatch.delenv("CRAMPCOACH_PUSH_URLS", raising=False)
    path = tmp_path / "my addresses"
    path.touch(mode=0o600)
    return path


@pytest.fixture
def module() -> ModuleType:
    return load_file("push", FOLDER / "push.py")


@pytest.fixture
def notifier(phone: Phone, urls: Path, module: ModuleType) -> Callable[..., Notifier]:
    """Makes the notifier with these options; it knows the phone's address."""
    urls.write_text(f"# my phone\n\n{phone.url()}\n")

    def make(**options: object) -> Notifier:
        made: Notifier = module.PushNotifier(module.Options(url_file=str(urls), **options), logging.getLogger("push"))
        return made

    return make


def closed_port() -> int:
    """A port of this machine at which nobody listens."""
    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


# --- what leaves -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["ntfy", "json", "form", "xml"])
def test_a_neutral_text_and_nothing_else_leaves(
    phone: Phone, urls: Path, notifier: Callable[..., Notifier], scheme: str
) -> None:
    urls.write_text(phone.url(scheme))
    assert notifier().show(STRETCH) == Unconfirmed()
    (request,) = phone.got
    assert NEUTRAL in request.replace("+", " ")  # as forms write a space
    assert [word for word in HEALTH if word in request.lower().replace("127.0.0.1", "")] == []
    assert "/themes/" not in request  # no picture that the phone would fetch from elsewhere


def test_in_your_words(phone: Phone, notifier: Callable[..., Notifier]) -> None:
    assert notifier(text="Look at the computer").show(STRETCH) == Unconfirmed()
    assert phone.words() == ["Look at the computer"]
    assert "cramp" not in phone.got[0].lower()


def test_the_message_itself_and_what_to_type_only_where_the_person_wants_it(
    phone: Phone, notifier: Callable[..., Notifier]
) -> None:
    assert notifier(full_text=True).show(STRETCH) == Unconfirmed()
    sent = json.loads(phone.got[0].partition("\n\n")[2])
    assert sent["title"] == "Time for the evening stretch"
    assert sent["message"] == (
        "Both calves, then rest.\n"
        "Answer with: crampcoach done stretching.evening\n"
        "or: crampcoach done stretching.evening --answer hard-knot"
    )


def test_a_message_without_a_body_is_sent_too(phone: Phone, notifier: Callable[..., Notifier]) -> None:
    assert notifier(full_text=True).show(Message(title="Hello")) == Unconfirmed()
    assert phone.words() == ["Hello"]


def test_addresses_and_words_are_in_the_name_of_no_process(phone: Phone, notifier: Callable[..., Notifier]) -> None:
    assert notifier(full_text=True).show(STRETCH) == Unconfirmed()
    assert any("push.py" in one for one in phone.processes)  # it was there to be seen
    told = "\n".join(phone.processes)
    assert [word for word in (*SECRETS, STRETCH.title, STRETCH.body) if word in told] == []


def test_nothing_is_written_anywhere(
    phone: Phone, notifier: Callable[..., Notifier], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = tmp_path / "elsewhere"
    nowhere.mkdir()
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "TMPDIR"):
        monkeypatch.setenv(name, str(nowhere))
    monkeypatch.chdir(nowhere)
    assert notifier().show(STRETCH) == Unconfirmed()
    assert list(nowhere.rglob("*")) == []


# --- what is said of it ----------------------------------------------------------------------------------------


def told_nothing_of_it(verdict: object) -> str:
    """The reason of a failure, which may name no secret."""
    assert isinstance(verdict, Failed)
    assert [one for one in (*SECRETS, "127.0.0.1") if one in verdict.reason] == []
    return verdict.reason


@pytest.mark.parametrize("scheme", ["ntfy", "json", "form", "xml"])
@pytest.mark.parametrize("status", [401, 500])
def test_a_server_that_says_no(
    phone: Phone, urls: Path, notifier: Callable[..., Notifier], scheme: str, status: int
) -> None:
    urls.write_text(phone.url(scheme))
    phone.status = status
    reason = told_nothing_of_it(notifier().show(STRETCH))
    assert reason.casefold() == f"{scheme}: it answered with error {status}"


@pytest.mark.parametrize("scheme", ["ntfy", "json"])
def test_nobody_listens(phone: Phone, urls: Path, notifier: Callable[..., Notifier], scheme: str) -> None:
    urls.write_text(phone.url(scheme).replace(str(phone.port), str(closed_port())))
    assert told_nothing_of_it(notifier().show(STRETCH)).endswith(": it refuses the connection")


def test_a_slow_server_is_not_waited_for(phone: Phone, notifier: Callable[..., Notifier]) -> None:
    phone.let_go.clear()
    began = time.monotonic()
    assert told_nothing_of_it(notifier().show(STRETCH)).endswith(": it did not answer in time")
    assert time.monotonic() - began < 5  # else the plugin would be set aside


def test_a_slow_server_holds_no_quick_one_up(
    phone: Phone, urls: Path, notifier: Callable[..., Notifier], caplog: pytest.LogCaptureFixture
) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as deaf:  # it takes connections, and says nothing
        port = deaf.getsockname()[1]
        urls.write_text(f"json://127.0.0.1:{port}/{SECRETS[0]}\n{phone.url()}\n")
        assert notifier().show(STRETCH) == Unconfirmed()
    assert phone.words() == [NEUTRAL]
    assert [record.getMessage() for record in caplog.records] == [
        "push: not everywhere: JSON: it did not answer in time"
    ]


class Asked:
    """Stands in for the process that sends: what it is asked, and what it tells."""

    def __init__(self, *told: tuple[str, str]) -> None:
        self.told = list(told)
        self.words: list[object] = []

    def __call__(self, words: object) -> list[tuple[str, str]]:
        self.words.append(words)
        return self.told


def test_what_may_have_arrived_is_not_sent_for_ever(
    module: ModuleType, notifier: Callable[..., Notifier], monkeypatch: pytest.MonkeyPatch
) -> None:
    push, asked = notifier(), Asked(("JSON", module.LATE), ("ntfy", "it refuses the connection"))
    monkeypatch.setattr(push, "_ask", asked)
    for _ in range(3):
        assert push.show(STRETCH) == Failed("JSON: it did not answer in time; ntfy: it refuses the connection")
    assert push.show(STRETCH) == Failed("it was sent 3 times, and nobody answered in time")
    assert len(asked.words) == 3
    asked.told = [("JSON", "")]
    assert push.show(Message(title="Another", occurrence="a.b/2026-11-22/23:00")) == Unconfirmed()
    assert push.show(STRETCH) == Unconfirmed()  # now that the server is back


def test_what_cannot_have_arrived_is_sent_again(
    notifier: Callable[..., Notifier], monkeypatch: pytest.MonkeyPatch
) -> None:
    push, asked = notifier(), Asked(("ntfy", "it refuses the connection"))
    monkeypatch.setattr(push, "_ask", asked)
    for _ in range(9):
        assert push.show(STRETCH) == Failed("ntfy: it refuses the connection")
    assert len(asked.words) == 9


def test_reasons_for_which_there_would_have_to_be_a_network(module: ModuleType) -> None:
    host = "https://s3cr3t.example/pa55word"
    for said, reason in (
        (f"NameResolutionError(Failed to resolve {host})", "its server cannot be found; is there a network?"),
        (f"[Errno 101] Network is unreachable {host}", "the network cannot be reached"),
        (f"SSLError(certificate verify failed: {host})", "its certificate is not accepted"),
        (f"ConnectTimeoutError({host}, connection timed out)", "it did not answer in time"),
        (f"something that nobody has heard of {host}", "it did not take it"),
        ("", "it did not take it"),
    ):
        assert module._reason(said) == reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "{file} has no address; write one of apprise's into each line"),
        ("# only this\n\n", "{file} has no address; write one of apprise's into each line"),
        ("s3cr3t-topic", "address 1: it is none that apprise knows"),
        ("nosuch://s3cr3t-topic\nntfy://", "address 1: it is none that apprise knows; ntfy: it did not take it"),
    ],
)
def test_what_is_no_address(urls: Path, notifier: Callable[..., Notifier], text: str, reason: str) -> None:
    push = notifier()
    urls.write_text(text)
    assert told_nothing_of_it(push.show(STRETCH)) == reason.format(file=urls)


def test_a_file_that_is_not_there_or_no_text(urls: Path, notifier: Callable[..., Notifier]) -> None:
    push = notifier()
    urls.write_bytes(b"\xff\xfe s3cr3t-topic")
    assert told_nothing_of_it(push.show(STRETCH)) == f"{urls} is no text; write apprise's addresses into it"
    urls.unlink()
    why = f"{urls} cannot be read (No such file or directory); write apprise's addresses into it"
    assert told_nothing_of_it(push.show(STRETCH)) == why


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_file_that_others_may_read_is_not_used(
    phone: Phone, urls: Path, notifier: Callable[..., Notifier], mode: int
) -> None:
    urls.chmod(mode)
    assert notifier().show(STRETCH) == Failed(f"{urls} can be read by others; run: chmod 600 {urls}")
    assert phone.got == []


def test_addresses_in_the_environment_come_first(
    phone: Phone, urls: Path, notifier: Callable[..., Notifier], monkeypatch: pytest.MonkeyPatch
) -> None:
    push = notifier()
    urls.unlink()
    monkeypatch.setenv("CRAMPCOACH_PUSH_URLS", f" {phone.url('json')}  {phone.url()} ")
    assert push.show(STRETCH) == Unconfirmed()
    assert len(phone.got) == 2


def without_apprise(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str = "raise ImportError") -> None:
    folder.mkdir()
    (folder / "apprise.py").write_text(text)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH")])))


def test_without_apprise(notifier: Callable[..., Notifier], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    push = notifier()
    without_apprise(tmp_path / "shadow", monkeypatch)
    missing = Failed("apprise is not installed; run: crampcoach plugins install apprise")
    assert push.show(STRETCH) == missing
    assert push.check() == missing  # type: ignore[attr-defined]  # a notifier may have it


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("import os; os._exit(3)", "apprise ended without a word"),
        ("raise ValueError('s3cr3t-topic')", "apprise ended without a word"),
        ("import time; time.sleep(30)", "apprise: it did not answer in time"),
    ],
)
def test_an_apprise_that_fails(
    notifier: Callable[..., Notifier], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, reason: str
) -> None:
    push = notifier()
    without_apprise(tmp_path / "shadow", monkeypatch, text)
    assert push.show(STRETCH) == Failed(reason)


def test_what_a_check_says(phone: Phone, urls: Path, notifier: Callable[..., Notifier]) -> None:
    push = notifier()
    urls.write_text(f"{phone.url()}\n{phone.url('json')}\n")
    says = "messages would be sent by ntfy, JSON; nothing says whether you see them"
    assert push.check() == says  # type: ignore[attr-defined]
    urls.write_text("nosuch://s3cr3t-topic")
    assert push.check() == Failed("address 1: it is none that apprise knows")  # type: ignore[attr-defined]
    assert phone.got == []


# --- in the agent ----------------------------------------------------------------------------------------------

#: What does not begin with "/" lies beside the plugin, in its folder.
TABLE = '[plugins.push]\nurl_file = "../my addresses"\n{}\n[notify]\norder = ["push"]\n'


def agent_with_push(tmp_path: Path, phone: Phone, options: str = "", *others: str, **given: Any) -> Coach:
    addresses = tmp_path / "config" / "my addresses"
    addresses.parent.mkdir()
    addresses.touch(mode=0o600)
    addresses.write_text(phone.url())
    sources = {"push": source("push"), "coffee": COFFEE}
    return coach_of(tmp_path, *others, sources=sources, config=TABLE.format(options), deadline=6, **given)


@pytest.fixture
def coach(tmp_path: Path, phone: Phone, urls: Path) -> Iterator[Coach]:
    with agent_with_push(tmp_path, phone, "", "cramps", now="2026-11-22 14:50") as coach:
        yield coach


def test_a_reminder_waits_for_the_person_to_look(coach: Coach, phone: Phone) -> None:
    phone.got.clear()  # the welcome
    coach.advance("15:00")
    (row,) = coach.rows("coffee.daily")
    assert (row.state, row.notifier, row.shows, row.delivered) == ("shown", "push", 1, None)
    assert phone.words() == [NEUTRAL]
    assert coach.sent == []  # whoever comes after it was not asked
    coach.advance("16:05")
    assert coach.states("coffee.daily") == ["expired"]
    assert phone.words() == [NEUTRAL]
    assert coach.failures("push") == []


def test_where_no_server_answers_the_next_is_asked_and_nobody_reads_an_address(
    coach: Coach, phone: Phone, capfd: pytest.CaptureFixture[str]
) -> None:
    phone.status = 403
    coach.advance("15:00")
    assert [message.title for message in coach.sent] == ["Coffee today?"]
    coach.recorder.verdict = Failed("no screen")
    coach.load("tea", COFFEE.replace("coffee", "tea").replace("15:00", "15:10"))
    coach.advance("15:10")
    (row,) = coach.rows("tea.daily")
    assert row.reason == "nobody could show it (push: ntfy: it answered with error 403; recorder: no screen)"
    phone.status = 200
    coach.advance("15:11")
    assert coach.states("tea.daily") == ["shown"]
    said = "\n".join([*coach.said, *capfd.readouterr()])
    assert [one for one in SECRETS if one in said] == []


@pytest.mark.parametrize(("sign", "text"), [("swelling", NEUTRAL), ("breathless", f"{NEUTRAL} (urgent)")])
def test_advice_is_put_before_the_person_by_somebody_else(coach: Coach, phone: Phone, sign: str, text: str) -> None:
    coach.advance("14:55")
    phone.got.clear()
    log(coach, **{sign: "yes"})
    assert phone.words() == [text]
    (advice,) = coach.advice  # in full, by the next in order
    assert "call" in advice.body.lower()
    assert coach.failures("push") == []


def test_advice_that_nobody_else_can_show_is_told_to_the_phone_once(coach: Coach, phone: Phone) -> None:
    coach.recorder.verdict = Failed("no screen")
    coach.advance("14:55")
    phone.got.clear()
    log(coach, breathless="yes")
    coach.advance("14:59")
    assert phone.words() == [f"{NEUTRAL} (urgent)"]
    coach.recorder.verdict = Unconfirmed()
    coach.advance("15:02")
    assert len(coach.advice) == 1  # it was tried again all the time


def test_with_the_full_text_advice_is_sent_as_it_is(tmp_path: Path, phone: Phone, urls: Path) -> None:
    with agent_with_push(tmp_path, phone, "full_text = true", "cramps", now="2026-11-22 14:50") as coach:
        phone.got.clear()
        log(coach, breathless="yes")
        (request,) = phone.got
        assert "Get medical help now" in request
        assert "now" in phone.words()[0]
        assert "crampcoach check-symptoms" in phone.words()[0]
        assert coach.advice == []


def test_the_signs_before_the_first_stretch_are_not_taken_for_read(tmp_path: Path, phone: Phone, urls: Path) -> None:
    with agent_with_push(tmp_path, phone, "", "stretching", now="2026-11-22 21:50") as coach:
        coach.advance("22:00")
        assert [message.title for message in coach.recorder.sent if "first stretch" in message.title.lower()]


def test_several_at_once_wait_for_the_person_too(tmp_path: Path, phone: Phone, urls: Path) -> None:
    with agent_with_push(tmp_path, phone, now="2026-11-22 14:50") as coach:
        coach.load("tea", COFFEE.replace("coffee", "tea").replace("Coffee", "Tea"))
        phone.got.clear()
        coach.jump("2026-11-22 15:30")
        assert phone.words() == [NEUTRAL]
        assert coach.states() == ["shown", "shown"]
        assert {row.notifier for row in coach.rows()} == {"push"}


def test_no_setting_shows_an_address(coach: Coach, commands: Commands) -> None:
    for words in (("config", "show"), ("plugins", "show", "push"), ("check",), ("status",)):
        said = commands(*words)
        assert [one for one in SECRETS if one in said.out + said.err] == []


def test_a_text_that_is_empty_is_refused(module: ModuleType) -> None:
    with pytest.raises(ValueError, match=r"^it is empty; write what your phone may show$"):
        module.Options(text=" ")
