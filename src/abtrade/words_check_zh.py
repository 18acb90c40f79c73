"""The Chinese texts of ``abtrade rules check``, by key; ``words_check_en`` has the same."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, str]] = {
    "check.R002": "规则 {id} 在 {other} 中也有，且两者的有效期重叠",
    "check.R002.advice": "让前一版本的 to 早于后一版本的 from，或改用另一个 id",
    "check.R003": "{first} 至 {last} 没有 {id} 的任何版本（在 {other} 与本文件之间）",
    "check.R003.advice": "把前一版本延续到本版本开始，或说明原因：# meant R003: ……",
    "check.R004": "{other}（{path}）总会给出同样的提示："
                  "其有效期、统计范围不小于本规则，档位不高于本规则",
    "check.R004.advice": "删去其一，或使两者有所区别",
    "check.R005": "凡流水给出所需信息的事件均被豁免：没有可统计的内容",
    "check.R005.advice": "缩小本项或之前各项豁免，或放宽 only",
    "check.R006": "符合本筛选条件的事件一律不计入：均被 products 或 leave_out 排除",
    "check.R006.advice": "删去本条件，或删去排除它的品种、豁免",
    "check.R007": "only 的其他条件已包含本条件的全部事件",
    "check.R007.advice": "删去本条件，或缩小其他条件",
    "check.R008": "本项豁免不会成为任何事件的原因：only 或之前各项已全部涵盖",
    "check.R008.advice": "删去本项，或移到涵盖它的各项之前",
    "check.R009.products": "不会判定任何合约：据现有资料，{exchange} 没有品种 {products}",
    "check.R009.options": "不会判定任何合约：{products} 为期货，只有期权才分系列、才有虚值程度",
    "check.R009.size": "不会有 {lots} 手的撤单：这些品种的单笔报单最多 {most} 手",
    "check.R009.share": "{level} 无法达到：占比最多为1",
    "check.R009.advice": "更正品种、手数或档位；未随附的品种可由 --contracts 给出",
    "check.R010.seen": "可信度为 {status}，但 source 未说明原文见于何处（seen）",
    "check.R010.found": "可信度为 {status}，但 source 没有任何可供查找原文的内容",
    "check.R010.number": "clause 未写明其文件的文号 {number}",
    "check.R010.advice": "提示的分量取决于它所引用的条款：请补全 source 与 clause",
    "check.R011": "规则旁没有测试：{test}",
    "check.R011.advice": "写几个达到各档位的小型交易日，以及未达到的交易日",
    "check.R012": "{rule} 无法在 {day} 的这份流水上判定：{why}",
    "check.R012.advice": "补上该列，或以 --assume 声明，或给出所需的表",
    "check.R013.why": "注明 {about} 系有意为之，但未说明原因",
    "check.R013.idle": "注明 {about} 系有意为之，但此处并未发现该问题",
    "check.R013.advice": "写成 # meant R003: 加上原因；没有对应的问题时请删去",
    "check.error": "错误",
    "check.warning": "警告",
    "check.nothing": "没有问题",
    "check.warned": "没有错误，警告 {warnings} 条",
}
