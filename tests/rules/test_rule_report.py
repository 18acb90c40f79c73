"""Rules told to people."""

from __future__ import annotations

from rule_makers import a_rule

from abtrade.rules.report import COLUMNS, list_rows, show_text, source_text

SOURCE = """{document: {en: Measures, zh: 办法}, number: "[2012] 94", article: Art. 10,
 date: 2012-05-01, seen: reprint, seen_in: {en: a broker's page, zh: 期货公司网页},
 address: "https://example.org/"}"""


def test_rows_of_a_list():
    rules = [a_rule(), a_rule(count="large_cancels", large_lots="300", yellow="{gt: 9}")]
    rows = list_rows(rules)
    assert [tuple(row) for row in rows] == [COLUMNS, COLUMNS]
    assert rows[0] == {
        "id": "desk.cancels", "count": "cancels", "scope": "contract", "yellow": "",
        "red": ">= 500", "from": "2010-11-05", "to": "", "status": "unverified",
        "about": "Cancels per subject and contract in one day.",
    }
    assert (rows[1]["count"], rows[1]["yellow"]) == ("large_cancels@300", "> 9")


def test_rows_speak_the_language_asked_for():
    rule = a_rule(about="{en: Cancels., zh: 撤单。}")
    assert [list_rows([rule], lang)[0]["about"] for lang in ("en", "zh")] == ["Cancels.", "撤单。"]


def test_a_rule_is_shown_whole_and_only_what_it_says():
    rule = a_rule(
        source=SOURCE, to="2019-12-31", products="[cu, al]", only="{tif: gfd}",
        leave_out="[{hedge: hedge, reason: hedging, reason_zh: 套保, clause: Art. 3}]",
        notes="Mind the gap.",
    )
    assert show_text(rule, "en").splitlines() == [
        "Cancels per subject and contract in one day.",
        "",
        "rule: desk.cancels",
        f"version: {rule.version}",
        "status: unverified",
        "exchange: SHFE",
        "products: al, cu",
        "in force: 2010-11-05 to 2019-12-31",
        "counts: cancels",
        "scope: contract",
        "only: tif gfd",
        "left out: hedging (hedge hedge). Art. 3",
        "red: >= 500",
        "clause: Rule 1 of the desk.",
        "source: Measures; [2012] 94; Art. 10; 2012-05-01; seen in a reprint (a broker's page); "
        "https://example.org/",
        "notes: Mind the gap.",
        "file: rule.yaml",
    ]


def test_a_rule_is_shown_in_chinese():
    rule = a_rule(source=SOURCE, count="self_trades", both="true", linked_clause="{en: b, zh: 乙}")
    lines = show_text(rule, "zh").splitlines()
    assert "有效期：自2010-11-05起" in lines
    assert "关联账户合并依据：乙" in lines
    assert "豁免条件：双方报单均符合" in lines
    citation = "办法；[2012] 94；Art. 10；2012-05-01；见于转载（期货公司网页）；https://example.org/"
    assert source_text(rule.source, "zh") == citation
