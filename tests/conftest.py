"""What all tests share: settings of the random ones, whose seed is told and can be given."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, Phase, settings

settings.register_profile(
    "abtrade",
    deadline=None,
    print_blob=True,
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.target, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("abtrade")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Choose a seed where none is given, before the random tests ask for one."""
    if config.getoption("hypothesis_seed", None) is None:
        config.option.hypothesis_seed = random.SystemRandom().randrange(2**32)


def pytest_report_header(config: pytest.Config) -> str:
    """Tell the seed, so that a run can be done again."""
    return f"random tests: --hypothesis-seed={config.getoption('hypothesis_seed', None)}"
