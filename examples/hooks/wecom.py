#!/usr/bin/env python3
"""Post what a scan came to into a WeCom (企业微信) group, by the group's robot.

A hook of abtrade; in abtrade.toml:

    [hook]
    command = ["python3", "hooks/wecom.py"]
    on = ["alerts", "failure"]

The robot's address holds its key, so it is a secret. It stands in the variable WECOM_WEBHOOK, or in
the file that WECOM_WEBHOOK_FILE names, which only its owner may read (chmod 600). The message holds
counts and the name of the folder, no accounts; --error adds what abtrade said of a failure, which
may quote some. Chinese where abtrade was told --lang zh, else English.

Exit codes: 0 posted, 1 not posted, 2 wrong usage.
"""

from __future__ import annotations

import json
import os
import stat
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from http.client import HTTPException
from typing import Any

LIMIT = 4096  # bytes of a markdown message
TRIES = 3
TIMEOUT = 8  # seconds a try
WAIT = 2  # seconds before the second try, twice that before the third
BUSY = (-1, 45009)  # error codes of WeCom that may pass: busy, too many messages a minute

WORDS = {
    "en": {
        "alerts": "alerts", "failure": "could not run", "done": "no alerts",
        "title": "abtrade {day}: {event}", "red": "red", "yellow": "yellow",
        "rejected_rows": "rejected rows", "verdict": "verdict", "exit_code": "exit code",
        "out": "folder", "error": "error", "complete": "complete", "faults": "faults in the log",
        "rejected rows": "rejected rows", "no day": "(day not known)",
    },
    "zh": {
        "alerts": "有告警", "failure": "未能运行", "done": "无告警",
        "title": "abtrade {day}：{event}", "red": "红灯", "yellow": "黄灯",
        "rejected_rows": "被拒收的行", "verdict": "结论", "exit_code": "退出码",
        "out": "目录", "error": "错误", "complete": "完整", "faults": "有异常",
        "rejected rows": "有被拒收的行", "no day": "（交易日未知）",
    },
}  # fmt: skip
HARMLESS = str.maketrans("*[]()`#<>&@", "＊［］（）｀＃＜＞＆＠")
COLOURS = {"alerts": "warning", "failure": "warning", "done": "info"}


class SetupError(Exception):
    """The hook was not set up as it must be."""


def main(words: list[str]) -> int:
    """Read the facts from standard input, post the message; return the exit code."""
    if set(words) - {"--error"}:
        print(f"wecom.py: found {' '.join(words)}, expected --error or nothing", file=sys.stderr)
        return 2
    try:
        facts = json.load(sys.stdin)
        text = message(facts, with_error="--error" in words)
        address = webhook(os.environ)
    except (SetupError, ValueError, KeyError) as error:
        print(f"wecom.py: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    problem = post(address, text)
    if problem is not None:
        print(f"wecom.py: not posted: {problem}", file=sys.stderr)
        return 1
    return 0


def message(facts: dict[str, Any], *, with_error: bool = False) -> str:
    """Return the message in WeCom's markdown, at most LIMIT bytes of UTF-8."""
    lang = WORDS["zh" if facts["lang"] == "zh" else "en"]
    event = facts["event"]
    title = lang["title"].format(day=plain(facts["day"] or lang["no day"]), event=lang[event])
    lines = [f"**<font color=\"{COLOURS[event]}\">{title}</font>**"]
    if event != "failure":
        lines.append(f"> {lang['red']} **{facts['red']}**  {lang['yellow']} **{facts['yellow']}**")
        verdict = facts["verdict"]
        lines.append(f"> {lang['verdict']}: {plain(lang.get(verdict, str(verdict)))}")
        if facts["rejected_rows"]:
            lines.append(f"> {lang['rejected_rows']}: {facts['rejected_rows']}")
    lines.append(f"> {lang['exit_code']}: {facts['exit_code']}")
    lines.append(f"> {lang['out']}: {cut(plain(facts['out']), 1000)}")
    if with_error and facts["error"]:
        lines.append(f"> {lang['error']}: {plain(facts['error'])}")
    return cut("\n".join(lines), LIMIT)


def plain(text: str) -> str:
    """Return text in which nothing is markdown, a mention, a link or a line of its own.

    WeCom tells of no escape for markdown, so its signs become their wide likes.
    """
    text = "".join(char if char.isprintable() else " " for char in text)
    return text.translate(HARMLESS).replace("://", "：//")


def cut(text: str, limit: int) -> str:
    """Return text of at most ``limit`` bytes, whole characters, with dots where it was longer."""
    data = text.encode("utf-8", "replace")
    if len(data) <= limit:
        return data.decode()
    return data[: limit - 3].decode("utf-8", "ignore") + "..."


def webhook(environment: Any) -> str:
    """Return the robot's address; raise SetupError where there is none, or others can read it."""
    address = environment.get("WECOM_WEBHOOK", "").strip()
    path = environment.get("WECOM_WEBHOOK_FILE", "")
    if not address and path:
        try:
            with open(path, encoding="ascii") as file:  # noqa: PTH123
                mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
                address = file.read(4096).strip()
        except (OSError, ValueError) as error:
            raise SetupError(f"{path}: cannot be read: {error}") from error
        if mode & 0o077:
            raise SetupError(f"{path}: has mode {mode:04o}, expected 0600 (chmod 600)")
    if not address:
        raise SetupError("neither WECOM_WEBHOOK nor WECOM_WEBHOOK_FILE tells the robot's address")
    parts = urllib.parse.urlsplit(address)
    loopback = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")
    is_one_word = address.isprintable() and " " not in address
    if not is_one_word or not parts.hostname or not (parts.scheme == "https" or loopback):
        raise SetupError("the robot's address is no https:// one")
    return address


def post(address: str, text: str) -> str | None:
    """Post a message, TRIES times where that may help; return what went wrong, without the key."""
    body = json.dumps({"msgtype": "markdown", "markdown": {"content": text}}).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(address, body, headers)
    problem = "not tried"
    for number in range(TRIES):
        if number:
            time.sleep(WAIT * number)
        try:
            with OPENER.open(request, timeout=TIMEOUT) as answer:
                told = json.loads(answer.read(65536))
            code = told.get("errcode")
            if code == 0:
                return None
            problem = f"WeCom said {code}: {str(told.get('errmsg'))[:200]}"
            if code not in BUSY:
                return problem
        except urllib.error.HTTPError as error:
            problem = f"HTTP status {error.code}"
            if error.code < 500 and error.code != 429:
                return problem
        except urllib.error.URLError as error:
            problem = str(error.reason)
        except (OSError, ValueError, AttributeError, HTTPException) as error:
            problem = type(error).__name__  # its text may quote the address
    return f"{problem} ({TRIES} tries)"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """The address is a secret: it is sent to nobody else."""

    def redirect_request(self, *_: Any) -> None:
        return None


OPENER = urllib.request.build_opener(_NoRedirect)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
