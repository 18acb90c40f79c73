"""Levels that no contract can reach, as far as what ships of products and order sizes tells."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache

from ... import schema
from ...market.contracts import ContractTable
from ...market.products import Products
from ...market.shipped_facts import largest_orders
from ..rule import Rule
from .finding import Finding, finding
from .rule_file import RuleFile


def check_reach(file: RuleFile, contracts: ContractTable | None) -> Iterator[Finding]:
    """Yield what keeps a rule, or a level of it, from ever being reached (R009).

    contracts : a desk's own table, which may know products that do not ship; None: none is given
    """
    rule = file.rule
    missing = _unknown_products(rule, contracts)
    if missing and missing == rule.products:
        yield finding("R009", file, ("products",), "products",
                      products=", ".join(sorted(missing)), exchange=rule.exchange)  # fmt: skip
        return
    yield from _optionless(file)
    yield from _too_large(file)
    yield from _beyond_all(file)


def _unknown_products(rule: Rule, contracts: ContractTable | None) -> frozenset[str]:
    has = contracts.has_product if contracts is not None else _products().has
    return frozenset(each for each in rule.products or () if not has(rule.exchange, each))


def _optionless(file: RuleFile) -> Iterator[Finding]:
    """Yield a finding for a rule of series, or of options, whose products are futures alone."""
    rule = file.rule
    of_options = rule.scope == "series" or rule.contracts == "deep_out_of_the_money"
    if of_options and rule.products and all(_is_future(rule.exchange, p) for p in rule.products):
        at = "scope" if rule.scope == "series" else "contracts"
        yield finding("R009", file, (at,), "options", products=", ".join(sorted(rule.products)))


def _is_future(exchange: str, product: str) -> bool:
    return "_" not in product and _products().is_product(exchange, "future", product, product)


def _too_large(file: RuleFile) -> Iterator[Finding]:
    """Yield a finding for a size that is above that of the largest order, of each of its products.

    Nothing is said unless the largest order is known for each of them on every day of the rule.
    """
    rule = file.rule
    if rule.large_lots is None or not rule.products:
        return
    sizes = [
        largest_orders(rule.exchange, product, rule.from_day, rule.to_day)
        for product in rule.products
    ]
    most = max((size for size in sizes if size is not None), default=None)
    if most is not None and None not in sizes and most < rule.large_lots:
        yield finding("R009", file, ("large_lots",), "size", lots=rule.large_lots, most=most)


def _beyond_all(file: RuleFile) -> Iterator[Finding]:
    """Yield a finding for each level of a share above the whole."""
    rule = file.rule
    if rule.count not in schema.SHARE_COUNTS:
        return
    for name, level in (("yellow", rule.yellow), ("red", rule.red)):
        if level is not None and (level.number > 1 or (level.number == 1 and level.op == "gt")):
            yield finding("R009", file, (name, level.op), "share", level=level.written)


@cache
def _products() -> Products:
    return Products(date.max)
