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
    # --- what tests show of a rule ---------------------------------------------------------------
    "cover.reached": "{level} 恰好达到",
    "cover.missed": "{level} 只差一点未达到",
    "cover.large": "恰为{size}手的撤单属大额",
    "cover.below_large": "比{size}少一手的撤单不属大额",
    "cover.lets_through": "only {filter}：{word} 计入",
    "cover.stops": "only：有所排除",
    "cover.exempts": "豁免“{reason}”：{word} 不计入",
    "cover.one_side_counts": "仅一方报单符合豁免的自成交计入",
    "cover.both_sides_exempt": "双方报单均符合豁免的自成交不计入",
    "cover.incoming_exempt": "仅主动方报单符合豁免的自成交",
    "cover.resting_exempt": "仅被动方报单符合豁免的自成交",
    "cover.takes_for_granted": "流水没有 {name} 列，视为 {word}",
    "cover.first_day": "生效首日（{day}）已判定",
    "cover.day_before": "生效前一日（{day}）不适用",
    "cover.last_day": "最后一日（{day}）已判定",
    "cover.day_after": "失效后一日（{day}）不适用",
    "cover.apart": "同一主体在两个合约上的数量，不合并计算",
    "cover.added_up": "同一主体在两个合约上的数量，按 {scope} 合并计算",
    "cover.scopes_apart": "同一主体在两个统计范围（{scope}）上的数量，不合并计算",
    "cover.group": "关联账户合并判定",
    "cover.product": "品种{product}已判定",
    "cover.other_product": "该交易所的其他品种不判定",
    "cover.kind": "不属 {kind} 的合约不判定",
    # --- the report ------------------------------------------------------------------------------
    "test.not_covered": "没有测试涉及：{item}",
    "test.coverage": "{pack}：{rules}，{items}，已涉及{covered}个",
    "test.passed": "通过",
    "test.failed": "未通过",
    "test.untested": "没有测试：应有{path}",
    "test.summary": "{rules}，{cases}：通过{passed}个，未通过{failed}个；{untested}；"
    "{seconds:.1f} 秒",
    "test.n.rules": "规则{n}条",
    "test.n.rules.one": "规则{n}条",
    "test.n.cases": "用例{n}个",
    "test.n.cases.one": "用例{n}个",
    "test.n.items": "项目{n}个",
    "test.n.items.one": "项目{n}个",
    "test.n.untested": "无测试的规则{n}条",
    "test.n.untested.one": "无测试的规则{n}条",
    "test.unmatched": "没有用例或规则的名称含有{text}",
}
