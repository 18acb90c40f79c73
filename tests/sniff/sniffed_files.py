"""Small files to sniff, as brokers and people have them."""

from __future__ import annotations

import zipfile
from pathlib import Path

COUNTER = """委托号|对手委托号|合约|动作|客户号|方向|开平|价格|手数|日期|时间|备注
   131||cu2503|报单|00012345|买|开|70000|5|20250303|09:00:00.500|
   132||cu2503|报单|00012346|卖|平今|70000|2|20250303|09:00:01.000|
   132|000131|cu2503|成交||||70000|2|20250303|09:00:01.000|
   131||cu2503|撤单|||||3|20250303|09:00:02.250|客户撤单
"""
"""A counter's events, to be written in GBK."""

LETTERS = """Time,Symbol,Event,OrderID,ClientID,B/S,Price,Qty,SeqNo
2025-03-03 09:00:00.5,cu2503,N,1,A1,B,70000,5,1
2025-03-03 09:00:01.5,cu2503,N,2,A2,S,70000,5,2
2025-03-03 09:00:01.5,cu2503,T,2,A2,S,70000,5,3
2025-03-03 09:00:03.5,cu2503,Z,1,A1,B,70000,5,4
"""

CANONICAL = """seq,ts,contract,action,order_id,account,side,price,lots
1,2025-03-03 09:00:00.5,cu2503,new,1,A1,buy,70000,5
2,2025-03-03 09:00:01.5,cu2503,cancel,1,A1,buy,70000,5
"""

STATEMENT = """                        交易结算单(盯市) Settlement Statement(MTM)
成交记录 Transaction Record
|成交日期|交易所|品种|合约|买/卖|投/保|成交价|手数|成交额|开平|手续费|平仓盈亏|成交序号|
|20250303|上期所|铜|cu2503|买|投机|70000|1|350000|开|1|0|123|
"""

STATES = """order_id,symbol,direction,price,volume,traded,status,datetime,account
1,cu2503,买,70000,1,0,未成交,2025-03-03 09:00:00,A
1,cu2503,买,70000,1,1,全部成交,2025-03-03 09:00:01,A
"""


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def workbook(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("xl/workbook.xml", "<workbook/>")
    return path
