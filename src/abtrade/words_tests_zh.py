"""Chinese texts of the tests of rules, by key; ``words_tests_en`` has the same keys and blanks."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, str]] = {
    # --- why a case fails ------------------------------------------------------------------------
    "test.error": "无法扫描：{message}",
    "test.bad_row": "流水第{line}行第{time}次：不合格的行：{reason}",
    "test.fault": "流水第{line}行第{time}次：流水异常：{fault}",
    "test.state": "应为{expected}，实为{found}",
    "test.blind": "应为{expected}，实为 blind（无法判定）：{why}",
    "test.absent": "主体{subject}：应有结果，实际没有",
    "test.unjudged": "主体{subject}：应有结果，但规则不适用于流水中的任何合约：{contracts}",
    "test.several": "主体{subject}：有多个结果，请用 scope 指明：{scopes}",
    "test.unlisted": "主体{subject}，{scope}：应无结果，"
    "实际计入{counted}，总数{gross}，级别{level}",
    "test.differs": "主体{subject}：{what} 应为{expected}，实为{found}",
    "test.tip": "主体{subject}：{level} 应在第{line}行第{time}次触发，"
    "实际在第{found_line}行第{found_time}次",
    "test.no_tip": "主体{subject}：{level} 应在第{line}行第{time}次触发，实际没有触发事件",
    # --- the report ------------------------------------------------------------------------------
    "test.passed": "通过",
    "test.failed": "未通过",
    "test.untested": "没有测试：应有{path}",
    "test.summary": "规则{rules}条，用例{cases}个：通过{passed}个，未通过{failed}个；"
    "无测试的规则{untested}条；{seconds:.1f} 秒",
    "test.unmatched": "没有用例或规则的名称含有{text}",
}
