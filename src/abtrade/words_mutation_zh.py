"""Chinese texts on changed rules, by key; ``words_mutation_en`` has the same keys and blanks."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, str]] = {
    # --- what was changed; a test file names a change by its English text -------------------------
    "mutation.changed": "{what} {old} 改为 {new}",
    "mutation.without": "去掉 {what}",
    "mutation.linked": "关联账户不合并",
    "mutation.quota": "去掉额度 {quota}",
    "mutation.products": "不限品种",
    "mutation.product": "去掉品种 {product}",
    "mutation.contracts": "不限合约种类",
    "mutation.assume": "不作假定：{attribute}",
    "mutation.exemption": "去掉豁免“{name}”",
    "mutation.exemption.word": "豁免“{name}”去掉 {attribute} {word}",
    "mutation.exemption.any": "豁免“{name}”不问 {attribute}",
    "mutation.exemption.more": "豁免“{name}”加上 {attribute} {word}",
    "mutation.only.more": "only “{name}”加上 {attribute} {word}",
    "mutation.only": "去掉 only",
    "mutation.only.filter": "only 去掉“{name}”",
    "mutation.only.word": "only “{name}”去掉 {attribute} {word}",
    "mutation.only.any": "only “{name}”不问 {attribute}",
    # --- what came of it -------------------------------------------------------------------------
    "mutation.killed": "已发现",
    "mutation.survived": "未发现",
    "mutation.explained": "已说明",
    "mutation.noticed": "{name}：{case}",
    "mutation.unnoticed": "{name}：没有用例能发现",
    "mutation.why": "{name}：{why}",
    "mutation.stale.killed": "已作说明，但用例“{case}”能发现：{name}",
    "mutation.stale.unknown": "已作说明，但该规则没有这一变异：{name}",
    "mutation.failing": "规则未作改动时即不通过，无法据以发现变异：{case}",
    "mutation.summary": "{rules}，{mutations}：已发现 {killed} 个，已说明 {explained} 个，"
    "未发现 {survived} 个；{stale}；{failing}；{untested}；用时 {seconds:.1f} 秒",
    "mutation.n.mutations": "变异 {n} 个",
    "mutation.n.mutations.one": "变异 {n} 个",
    "mutation.n.stale": "多余的说明 {n} 条",
    "mutation.n.stale.one": "多余的说明 {n} 条",
    "mutation.n.failing": "未通过的用例 {n} 个",
    "mutation.n.failing.one": "未通过的用例 {n} 个",
    "mutation.unmatched": "没有名称含 {text} 的规则",
}
