"""Each check on whole rules finds the wrong rule, at its place, and is silent on its right twin."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import product
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rule_makers import a_rule, rule_text

from abtrade import schema
from abtrade.errors import InputError
from abtrade.market.shipped_facts import largest_orders
from abtrade.plan import ContractFacts, Filter, PlanRule
from abtrade.rules.checking.check import check_rules
from abtrade.rules.checking.events import events, reason
from abtrade.rules.checking.finding import SEVERITIES
from abtrade.rules.rule import LeaveOut
from abtrade.wording import text

LEFT = "leave_out: [{{{}, clause: x}}]\n"
CITED = "{document: D, number: '[2024] 92', seen: reprint}"


def write(folder: Path, name: str, *, tested: bool = True, more: str = "", **changes) -> Path:
    """Write the short rule, which claims nothing, with other values, and an empty test beside it.
    """
    path = folder / f"{name}.yaml"
    path.write_text(rule_text(**{"status": "unverified", **changes}) + more)
    if tested:
        (folder / f"{name}.test.yaml").write_text("")
    return path


def found_in(folder: Path, **options) -> list[str]:
    """Return ``file:line:column code`` of each finding, file names without their folder."""
    return [
        f"{Path(each.where).name} {each.code}" for each in check_rules([str(folder)], **options)
    ]


def check_one(tmp_path: Path, **changes) -> list[str]:
    write(tmp_path, "a", **changes)
    return found_in(tmp_path)


ALL_BY = "[client, exchange, expiry, self_match, disconnect, forced]"
ONE_RULE = {
    "the entry after which nothing is left": (
        {"leave_out": "[{tif: [fak, fok], clause: x}, {tif: [gfd, gtc], clause: x}]"},
        "a.yaml:11:43 R005",
        {"leave_out": "[{tif: [fak, fok], clause: x}, {tif: gfd, clause: x}]"},
    ),
    "an exemption of all that only lets through": (
        {"only": "{tif: [fak, fok]}", "leave_out": "[{tif: [fak, fok, gtc], clause: x}]"},
        "a.yaml:12:13 R005",
        {"only": "{tif: [fak, fok]}", "leave_out": "[{tif: [fak, gtc], clause: x}]"},
    ),
    "a cancel by anybody": (
        {"leave_out": f"[{{cancel_by: {ALL_BY}, clause: x}}]"},
        "a.yaml:11:13 R005",
        {"count": "messages", "leave_out": f"[{{cancel_by: {ALL_BY}, clause: x}}]"},
    ),
    "a filter of a product that the rule is not for": (
        {"products": "cu", "only": "[{product: al, tif: fak}, {hedge: hedge}]"},
        "a.yaml:12:8 R006",
        {"products": "[al, cu]", "only": "[{product: al, tif: fak}, {hedge: hedge}]"},
    ),
    "a filter of what is left out": (
        {"only": "[{order_fee: true, tif: fak}, {order_fee: false}]",
         "leave_out": "[{order_fee: true, clause: x}]"},
        "a.yaml:11:8 R006",
        {"only": "[{order_fee: true, tif: fak}, {order_fee: false}]",
         "leave_out": "[{order_fee: true, hedge: hedge, clause: x}, {tif: gtc, clause: x}]"},
    ),
    "a filter that another covers": (
        {"only": "[{tif: [fak, fok]}, {tif: fak, hedge: hedge}]"},
        "a.yaml:11:27 R007",
        {"only": "[{tif: [fak, fok]}, {tif: gtc, hedge: hedge}]"},
    ),
    "a filter that two others cover together": (
        {"only": "[{order_fee: true}, {order_fee: false, tif: fak}, {tif: fak, hedge: hedge}]"},
        "a.yaml:11:57 R007",
        {"only": "[{order_fee: true}, {order_fee: false, tif: fak}, {tif: fok, hedge: hedge}]"},
    ),
    "an exemption of what only drops": (
        {"only": "{tif: [fak, fok]}", "leave_out": "[{tif: gfd, clause: x}]"},
        "a.yaml:12:13 R008",
        {"only": "{tif: [fak, fok]}", "leave_out": "[{tif: fak, clause: x}]"},
    ),
    "an exemption that two above take together": (
        {"leave_out": "[{order_fee: true, clause: x}, {order_fee: false, tif: fak, clause: x}, "
                      "{tif: fak, clause: x}]"},
        None,  # where the fee is not known the third is the reason
        {"leave_out": "[{order_fee: true, clause: x}, {tif: fak, clause: x}]"},
    ),
    "products that the exchange does not have": (
        {"products": "[i, jm]"}, "a.yaml:11:11 R009", {"products": "[i, cu]"},
    ),
    "a series of futures": (
        {"scope": "series", "products": "[cu, al]"}, "a.yaml:9:8 R009",
        {"scope": "series", "products": "[cu_o, al]"},
    ),
    "futures out of the money": (
        {"contracts": "deep_out_of_the_money", "products": "cu"}, "a.yaml:11:12 R009",
        {"contracts": "deep_out_of_the_money", "products": "cu_o"},
    ),
    "a size above every order": (
        {"exchange": "CFFEX", "products": "[IM, IO]", "from": "2022-07-22",
         "count": "large_cancels", "large_lots": "21"},
        "a.yaml:12:13 R009",
        {"exchange": "CFFEX", "products": "[IM, TL]", "from": "2023-04-21",
         "count": "large_cancels", "large_lots": "21"},
    ),
    "a size above every order that is known": (
        {"exchange": "CFFEX", "products": "IM", "from": "2022-07-22",
         "count": "large_cancels", "large_lots": "21"},
        "a.yaml:12:13 R009",
        {"exchange": "CFFEX", "products": "[IM, IF]", "from": "2022-07-22",
         "count": "large_cancels", "large_lots": "21"},
    ),
    "more than all": (
        {"count": "cancel_share", "red": None, "yellow": "{gt: 1}"}, "a.yaml:10:14 R009",
        {"count": "cancel_share", "red": None, "yellow": "{gte: 1}"},
    ),
    "a verified text that was seen nowhere": (
        {"status": "verified", "source": "{document: D, number: '12'}", "clause": "No. 12"},
        "a.yaml:6:9 R010",
        {"status": "verified", "source": "{document: D, number: '12', seen: official}",
         "clause": "No. 12"},
    ),
    "a text that cannot be found": (
        {"status": "secondary", "source": "{document: D, seen: secondary}"}, "a.yaml:6:9 R010",
        {"status": "secondary", "source": "{document: D, seen: secondary, seen_in: a paper}"},
    ),
    "a clause without the number of its document": (
        {"status": "verified", "source": CITED, "clause": "Notice [2024] 91"}, "a.yaml:7:9 R010",
        {"status": "verified", "source": CITED, "clause": "Notice [2024] 92"},
    ),
    "a rule that claims nothing may cite nothing": (
        {"status": "verified"}, "a.yaml:6:9 R010", {"status": "unverified"},
    ),
    "no test beside": (
        {"tested": False}, "a.yaml:1:1 R011", {},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("wrong", "told", "right"), ONE_RULE.values(), ids=ONE_RULE)
def test_a_rule_by_itself(tmp_path, wrong, told, right):
    found = check_one(tmp_path, **wrong)
    assert told in found if told else found == []
    (tmp_path / "a.test.yaml").unlink(missing_ok=True)
    assert check_one(tmp_path, **right) == []


WIDE = {"id": "desk.wide"}
TWO_RULES = {
    "the same under another id": ({}, {}, {"red": "{gte: 499}"}),
    "the levels later": ({"red": "{gte: 501}"}, {"yellow": "{gte: 400}"}, {"red": "{gt: 498}"}),
    "fewer products": ({"products": "cu"}, {}, {"products": "cu", "wide": {"products": "al"}}),
    "a narrower scope": ({}, {"scope": "product"}, {"scope": "exchange", "wide": {}}),
    "fewer days": ({"from": "2011-01-04", "to": "2012-01-04"}, {}, {"from": "2010-11-04"}),
    "more left out": (
        {"leave_out": "[{tif: fak, clause: x}]"}, {},
        {"leave_out": "[{tif: fak, clause: x}]",
         "wide": {"leave_out": "[{tif: fok, clause: x}]"}},
    ),
    "fewer let through": (
        {"only": "{tif: fak}"}, {"only": "[{tif: fak}, {hedge: hedge}]"},
        {"only": "{tif: fok}", "wide": {"only": "[{tif: fak}, {hedge: hedge}]"}},
    ),
    "larger cancels": (
        {"count": "large_cancels", "large_lots": "300"},
        {"count": "large_cancels", "large_lots": "200"},
        {"count": "large_cancels", "large_lots": "100",
         "wide": {"count": "large_cancels", "large_lots": "200"}},
    ),
    "what is surer is not shadowed": (
        {"status": "secondary",
         "source": "{document: D, seen: secondary, seen_in: p}"},
        {"status": "secondary",
         "source": "{document: D, seen: secondary, seen_in: p}"},
        {"status": "secondary", "source": "{document: D, seen: secondary, seen_in: p}",
         "wide": {}},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("narrow", "wide", "apart"), TWO_RULES.values(), ids=TWO_RULES)
def test_a_rule_that_another_always_speaks_for(tmp_path, narrow, wide, apart):
    write(tmp_path, "a", **WIDE, **wide)
    write(tmp_path, "b", id="desk.z_narrow", **narrow)
    assert found_in(tmp_path) == ["b.yaml:9:8 R004"]
    apart = dict(apart)
    write(tmp_path, "a", **WIDE, **apart.pop("wide", wide))
    write(tmp_path, "b", id="desk.z_narrow", **apart)
    assert not [told for told in found_in(tmp_path) if told.startswith("b.yaml")]


def test_a_ratio_over_a_wider_scope_is_another_ratio(tmp_path):
    write(tmp_path, "a", id="desk.wide", count="otr", scope="product")
    write(tmp_path, "b", id="desk.z_narrow", count="otr")
    assert found_in(tmp_path) == []
    write(tmp_path, "a", id="desk.wide", count="otr")
    assert found_in(tmp_path) == ["b.yaml:9:8 R004"]


def test_versions_that_share_days_or_leave_trading_days_between(tmp_path):
    write(tmp_path, "a", to="2024-10-24")
    write(tmp_path, "b", from_="2024-10-24")
    assert found_in(tmp_path) == ["b.yaml:4:7 R002"]
    write(tmp_path, "b", from_="2024-10-28")  # a Monday: the 25th was a trading day
    assert found_in(tmp_path) == ["b.yaml:4:7 R003"]
    write(tmp_path, "b", from_="2024-10-25")
    assert found_in(tmp_path) == []
    write(tmp_path, "a", to="2024-10-25")
    write(tmp_path, "b", from_="2024-10-28")
    assert found_in(tmp_path) == []


def test_a_remark_says_that_a_finding_is_meant_and_has_to_say_why(tmp_path):
    write(tmp_path, "a", tested=False, more="# meant R011: read by a lawyer, not by a test\n")
    assert found_in(tmp_path) == []
    write(tmp_path, "a", tested=False, more="# meant R011\n")
    assert found_in(tmp_path) == ["a.yaml:1:1 R011", "a.yaml:11:9 R013"]
    write(tmp_path, "a", more="# meant R011: there is one now\n")
    assert found_in(tmp_path) == ["a.yaml:11:9 R013"]


def test_a_file_that_is_no_rule_is_told_as_a_scan_tells_it(tmp_path):
    write(tmp_path, "a", red="{gte: 5.5}")
    [one] = check_rules([str(tmp_path)])
    assert (one.code, one.place.line, one.place.column) == ("R001", 10, 12)
    assert one.message["en"] == "cancels are counted in whole numbers, found >= 5.5"
    assert one.excerpt.splitlines()[0] == "  red: {gte: 5.5}"
    [nothing] = check_rules([str(tmp_path / "none")])
    assert (nothing.code, nothing.path, nothing.place) == ("R001", "", None)


LOG = {"exchange": ["SHFE"], "seq": [1], "ts": ["2025-03-03 09:00:00"], "contract": ["cu2505"],
       "action": ["new"], "order_id": [1], "account": ["A"], "side": ["buy"],
       "price": [70000], "lots": [1]}  # fmt: skip


def on_log(folder: Path, **columns) -> list[str]:
    log = pa.table({**LOG, **columns})
    found = check_rules([str(folder)], log=log, day=date(2025, 3, 3))
    return [each.message["en"] for each in found]


def test_rules_that_would_be_blind_on_a_log(tmp_path):
    write(tmp_path, "a", only="{tif: [fak, fok]}")
    write(tmp_path, "b", id="desk.fee", only="{order_fee: true}")
    write(tmp_path, "c", id="desk.fee_of_gfex", exchange="GFEX", only="{order_fee: true}")
    write(tmp_path, "d", id="desk.earlier", to="2024-12-31", only="{hedge: hedge}")
    assert on_log(tmp_path) == [
        "desk.cancels is blind on this log of 2025-03-03: only: needs tif, which the log does not "
        "have",
        "desk.fee_of_gfex is blind on this log of 2025-03-03: only: needs order_fee, no contract "
        "table tells it",
    ]
    assert len(on_log(tmp_path, tif=["gfd"])) == 1


def test_a_log_that_cannot_be_read_is_an_error(tmp_path):
    write(tmp_path, "a")
    with pytest.raises(InputError):
        check_rules([str(tmp_path)], log=tmp_path / "none.parquet")


def test_a_product_of_a_desks_own_table_is_known(tmp_path):
    write(tmp_path, "a", products="zz")
    assert found_in(tmp_path) == ["a.yaml:11:11 R009"]
    table = tmp_path / "contracts.csv"
    table.write_text("exchange,product,tick\nSHFE,zz,1\n")
    assert found_in(tmp_path, contracts=table) == []


@pytest.mark.parametrize(
    ("first", "last", "most"),
    [("2022-07-22", None, 20), ("2022-07-21", None, None), ("2022-07-22", "2022-07-22", 20)],
)
def test_the_largest_order_is_known_only_where_every_day_is(first, last, most):
    end = date.fromisoformat(last) if last else None
    assert largest_orders("CFFEX", "IM", date.fromisoformat(first), end) == most


def test_every_code_has_its_texts():
    for code in SEVERITIES:
        if code != "R001":
            assert text("en", f"check.{code}.advice") != text("zh", f"check.{code}.advice")


WORDS = {"tif": ["gfd", "fak", "fok", "gtc"], "hedge": ["speculation", "hedge"],
         "cancel_by": ["client", "expiry", "forced"], "product": ["cu", "al", "zn"]}  # fmt: skip
filters = st.fixed_dictionaries(
    {},
    optional={
        **{name: st.lists(st.sampled_from(of), min_size=1, unique=True)
           for name, of in WORDS.items()},
        "order_fee": st.booleans(), "market_maker": st.booleans(),
    },
).filter(bool)  # fmt: skip


@given(st.lists(filters, max_size=3), st.lists(filters, max_size=3))
def test_events_of_each_kind_stand_for_all_there_are(only, leave_out):
    """What comes of the few is what comes of every combination of words, and of blanks."""
    codes = {name: schema.code_words(name) for name in ("tif", "hedge", "cancel_by")}

    def filter_of(said: dict) -> Filter:
        attributes = {name: frozenset(codes[name][word] for word in said[name])
                      for name in codes if name in said}  # fmt: skip
        if "market_maker" in said:
            attributes["market_maker"] = frozenset({int(said["market_maker"])})
        products = frozenset(said["product"]) if "product" in said else None
        return Filter(attributes, products, said.get("order_fee"))

    rule = replace(
        a_rule(),
        only=tuple(map(filter_of, only)),
        leave_out=tuple(LeaveOut(filter_of(said), "r", "r", {}) for said in leave_out),
    )
    plain = PlanRule(0, "r", "cancels", "contract", only=rule.only,
                     leave_out=tuple(entry.filter for entry in rule.leave_out))  # fmt: skip
    axes = [[0, *codes["tif"].values()], [0, *codes["hedge"].values()],
            [*codes["cancel_by"].values(), schema.CancelBy.UNNAMED], [0, 1]]  # fmt: skip
    shifts = [schema.ATTRIBUTE_BITS[name][0] for name in (*codes, "market_maker")]
    packed = [sum(code << shift for code, shift in zip(each, shifts, strict=True))
              for each in product(*axes)]  # fmt: skip
    every = {
        code
        for name, fee in product(["cu", "al", "zn", "ni", None], [True, False, None])
        for code in plain.reason_table(
            ContractFacts("SHFE", "x", product=name, order_fee=fee)
        )[packed].tolist()
    }
    assert {reason(rule, event) for event in events(rule)} == every
