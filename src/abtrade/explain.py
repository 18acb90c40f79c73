"""Explain an alert: every event behind it, counted or left out, with the life of its order.

The log is read again, for the rows that the count depends on, and counted by the reference engine;
the figure that comes out must be the alert's, or the log is not the one that was scanned.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf, isclose
from pathlib import Path
from typing import Any

import pyarrow as pa

from . import schema
from .cancel_looks import WITHIN_S
from .errors import InputError
from .job import Job, Prepared
from .order_lives import Lives
from .pseudonyms import Pseudonyms, names_nobody_in_errors, pseudonyms_of
from .rescan import alerts_of, changed_since, check_key, inputs_of, job_of, record_of
from .rules.overlay_syntax import overlay_of_scan
from .safe_text import for_terminal
from .scene import Scene, make_scene
from .trace import EVENTS, Trace


@dataclass(slots=True)
class Explanation:
    """An alert as it was written, and the events behind it (``trace.EVENTS``).

    ``inputs`` are the files that were read for it; ``scene`` is what a page shows besides.
    """

    alert: dict[str, Any]
    events: pa.Table
    inputs: list[Path] = field(default_factory=list)
    scene: Scene | None = None


@names_nobody_in_errors
def explain(
    out: str | Path,
    alert_id: str,
    *,
    log: Any = None,
    overlay: str | Path | None = None,
    pseudonymise: Pseudonyms | str | Path | None = None,
    within: float = WITHIN_S,
    scene: bool = False,
) -> Explanation:
    """Return every event behind an alert of a scan's output folder.

    log : where the log is now, if it is no longer where the scan found it
    overlay : where the scan's overlay is now, if it is no longer there; the very same file
    pseudonymise : the key, or its file, of a scan that wrote pseudonyms; events have them too
    within : seconds before and after a cancel in which a trade on the other side is told
    scene : gather what a page of it shows, for which the log is read once more

    Raises InputError where the folder, the alert or the log is not what it was.
    """
    if not 0 <= within < inf:
        raise InputError(f"within: found {within}, expected seconds, 0 or more")
    folder = Path(out)
    alert = _alert(folder, alert_id)
    run = record_of(folder)
    pseudonyms = pseudonyms_of(pseudonymise)
    check_key(folder, run, pseudonyms)
    run["options"]["overlay"] = overlay_of_scan(run, overlay, folder)
    job = job_of(run, log, pseudonyms)
    ready = job.prepare()
    _check_same(run, ready, job, alert)
    lives = Lives() if scene else None
    trace = Trace(job, ready, alert, within, lives)
    is_compared = schema.count_word(alert["count_name"]) in schema.STATISTICS
    events = EVENTS.empty_table() if is_compared else trace.events()
    told = alert["ratio"] if alert["count"] is None else alert["count"]
    if trace.counted is not None and not isclose(trace.counted, told, rel_tol=1e-9):
        raise InputError(
            f"{folder}: alert {alert_id} counts {told}, the log now gives {trace.counted}; it is "
            "not the log that was scanned"
        )
    inputs = [*(source.path for source in job.log.sources), *inputs_of(run)]
    if overlay is not None:
        inputs.append(Path(overlay))
    found = Explanation(alert, events, inputs)
    if lives is not None:
        found.scene = make_scene(
            job, ready, trace.names, trace.heard, lives, alert, run
        )
    return found


# --- what the scan left behind -------------------------------------------------------------------


def _alert(folder: Path, alert_id: str) -> dict[str, Any]:
    alerts = alerts_of(folder)
    found = [alert for alert in alerts if alert["alert_id"].startswith(alert_id)]
    if len(found) != 1:
        known = ", ".join(alert["alert_id"] for alert in alerts[:10]) or "none"
        what = "no alert" if not found else f"{len(found)} alerts"
        raise InputError(f"{folder}: {what} with the id {alert_id!r}; there are: {known}")
    alert: dict[str, Any] = found[0]
    return alert


def _check_same(
    run: dict[str, Any], ready: Prepared, job: Job, alert: dict[str, Any]
) -> None:
    """Refuse a log or a rule that has changed since the scan."""
    changed = list(changed_since(run, job, ready))
    rule = ready.compiled.rules.get(alert["rule"])
    if rule is None or rule.version != alert["rule_version"]:
        changed.append(_changed_rule(run, ready, alert["rule"]))
    if changed:
        raise InputError("\n".join(changed))


def _changed_rule(run: dict[str, Any], ready: Prepared, rule: str) -> str:
    """Return that a rule has changed, or what the overlay says of it has."""
    if ready.rules.desk.sha256 == run["overlay"]:
        return f"rule {rule}: its text has changed since the scan"
    overlay = for_terminal(run["options"]["overlay"])
    return (
        f"rule {rule}: the overlay {overlay} has changed since the scan, and the rule is another; "
        "give the overlay of then by --overlay"
    )
