"""The example hook that posts to WeCom, against a server of our own on the loopback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

from test_desk_file import folder  # noqa: F401 (a fixture)

HOOK = Path(__file__).parents[1] / "examples/hooks/wecom.py"
FACTS = {
    "event": "alerts", "out": "/data/结果/2025-02-18", "day": "2025-02-18", "lang": "en",
    "verdict": "complete", "red": 3, "yellow": 1, "rejected_rows": 0, "exit_code": 3,
    "error": None, "abtrade": "0.1.0",
}  # fmt: skip
OK = (200, {"errcode": 0, "errmsg": "ok"})


def load() -> Any:
    spec = spec_from_file_location("wecom", HOOK)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Robot(HTTPServer):
    """Answers what it is told to, in turn, and keeps what was posted."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[tuple[int, Any]] = [OK]
        self.posted: list[Any] = []
        self.address = f"http://127.0.0.1:{self.server_port}/cgi-bin/webhook/send?key=s3cret"


class Handler(BaseHTTPRequestHandler):
    server: Robot

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posted.append(json.loads(body))
        answers = self.server.answers
        status, told = answers.pop(0) if len(answers) > 1 else answers[0]
        self.send_response(status)
        self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.end_headers()
        self.wfile.write(told if isinstance(told, bytes) else json.dumps(told).encode())

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def robot() -> Iterator[Robot]:
    with Robot() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def wecom(monkeypatch: pytest.MonkeyPatch) -> Any:
    module = load()
    monkeypatch.setattr(module, "WAIT", 0.01)
    return module


def test_a_scan_posts_its_counts_and_folder(robot: Robot, folder: Path) -> None:  # noqa: F811
    Path("secret").write_text(robot.address + "\n")
    Path("secret").chmod(0o600)
    words = ["scan", "day.csv", "--rules", "desk/two.yaml", "--out", "out", "-q", "--lang", "zh",
             "--hook", f"{sys.executable} {HOOK}"]  # fmt: skip
    environment = {**os.environ, "WECOM_WEBHOOK_FILE": "secret", "no_proxy": "127.0.0.1"}
    done = subprocess.run(
        [sys.executable, "-m", "abtrade", *words],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    (posted,) = robot.posted
    assert posted["msgtype"] == "markdown"
    assert posted["markdown"]["content"].splitlines() == [
        '**<font color="warning">abtrade 2025-03-03：有告警</font>**',
        "> 红灯 **1**  黄灯 **0**", "> 结论: 完整", "> 退出码: 0", f"> 目录: {folder / 'out'}",
    ]  # fmt: skip


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("event", ["alerts", "failure", "done"])
@pytest.mark.parametrize("verdict", [None, "complete", "faults", "rejected rows"])
def test_every_event_has_its_words(wecom: Any, lang: str, event: str, verdict: str | None) -> None:
    facts = {**FACTS, "lang": lang, "event": event, "verdict": verdict, "rejected_rows": 2}
    told = wecom.message({**facts, "day": None if event == "failure" else "2025-02-18"})
    assert wecom.WORDS[lang][event] in told
    assert ("> " + wecom.WORDS[lang]["verdict"] in told) == (event != "failure")
    assert set(wecom.WORDS["en"]) == set(wecom.WORDS["zh"])


def test_an_error_is_told_where_that_is_asked(wecom: Any) -> None:
    facts = {**FACTS, "event": "failure", "error": "links.csv: row 3: client '0062'"}
    assert "0062" not in wecom.message(facts)
    assert "0062" in wecom.message(facts, with_error=True)


def test_nothing_of_the_data_is_markdown(wecom: Any) -> None:
    text = "**a** [b](https://x.example) `c` <@all> # d\n> e\x1b\u202e & <font color=\"info\">"
    told = wecom.plain(text)
    assert not set("*[]()`#<>&@\n\x1b\u202e") & set(told)
    assert "://" not in told
    assert wecom.plain("/data/out_1/2025-02-18") == "/data/out_1/2025-02-18"


@pytest.mark.parametrize("unit", ["a", "结", "😀", "é"])
def test_a_message_fits(wecom: Any, unit: str) -> None:
    facts = {**FACTS, "event": "failure", "out": unit * 9000, "error": unit * 9000}
    told = wecom.message(facts, with_error=True)
    assert 4000 < len(told.encode()) <= 4096
    assert told.endswith("...")
    assert told.count(unit) * len(unit.encode()) > 3900


@pytest.mark.parametrize(
    ("answers", "tries", "problem"),
    [
        ([OK], 1, None),
        ([(500, {}), OK], 2, None),
        ([(200, {"errcode": 45009, "errmsg": "too many"}), OK], 2, None),
        ([(200, b"no json"), (200, b"[]"), OK], 3, None),
        ([(503, {})], 3, "HTTP status 503 (3 tries)"),
        ([(404, {})], 1, "HTTP status 404"),
        ([(302, {})], 1, "HTTP status 302"),
        ([(200, {"errcode": 93000, "errmsg": "invalid webhook url"})], 1, "WeCom said 93000"),
    ],
)
def test_tries_are_bounded(
    robot: Robot, wecom: Any, answers: list[Any], tries: int, problem: str | None
) -> None:
    robot.answers = answers
    told = wecom.post(robot.address, "text")
    assert len(robot.posted) == tries
    assert told is None if problem is None else told.startswith(problem)
    assert "s3cret" not in str(told)


def test_nobody_there_is_a_problem(wecom: Any) -> None:
    told = wecom.post("http://127.0.0.1:1/?key=s3cret", "text")
    assert "(3 tries)" in told
    assert "s3cret" not in told


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("", "neither"), ("http://x.example/?key=s3cret", "no https"), ("ftp://127.0.0.1", "https"),
        ("https://", "no https"), ("https://x.example/a b?key=s3cret", "no https"),
    ],
)  # fmt: skip
def test_an_address_that_will_not_do_is_refused(wecom: Any, address: str, told: str) -> None:
    with pytest.raises(wecom.SetupError, match=told) as caught:
        wecom.webhook({"WECOM_WEBHOOK": address})
    assert "s3cret" not in str(caught.value)


def test_a_file_that_others_can_read_is_refused(wecom: Any, tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("https://qyapi.example/?key=s3cret\n")
    path.chmod(0o640)
    with pytest.raises(wecom.SetupError, match="0600") as caught:
        wecom.webhook({"WECOM_WEBHOOK_FILE": str(path)})
    assert "s3cret" not in str(caught.value)
    path.chmod(0o600)
    assert wecom.webhook({"WECOM_WEBHOOK_FILE": str(path)}).endswith("s3cret")


@pytest.mark.parametrize(("words", "told"), [(["--all"], "expected --error"), ([], "WECOM")])
def test_wrong_usage_is_2(words: list[str], told: str) -> None:
    environment = {name: value for name, value in os.environ.items() if "WECOM" not in name}
    done = subprocess.run(
        [sys.executable, str(HOOK), *words], input=json.dumps(FACTS),
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, told in done.stderr) == (2, True)
