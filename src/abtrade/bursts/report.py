"""The table of bursts: how often, and how many messages at most, each subject sent in a second."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .. import outputs
from ..plan import Plan
from ..roster import Roster


def bursts_table(
    found: npt.NDArray[np.void], plan: Plan, roster: Roster, day: date
) -> pa.Table:
    """Return ``outputs.BURSTS`` of what observers found, (n,) ``burst_findings.TABLE``."""
    rules = [plan.rules[index] for index in found["rule"].tolist()]
    subjects = found["subject"].tolist()
    counts = found["most_messages"]
    columns: dict[str, Any] = {
        "rule": [rule.id for rule in rules],
        "day": [day] * len(found),
        "exchange": [roster.exchange_name(subject) for subject in subjects],
        "subject": [roster.judged[subject][2] for subject in subjects],
        "subject_kind": [roster.judged[subject][1] for subject in subjects],
        "count_name": [rule.count_name for rule in rules],
        "most_from": pa.array(found["most_from"], mask=counts == 0),
    }
    columns |= {
        name: found[name] for name in ("occasions", "counted", "most_messages", "late_messages")
    }
    return outputs.sort_table("bursts", outputs.table_of(outputs.BURSTS, columns))
