"""Exchanges by name: the usual spellings of the six, and the one that is written."""

from __future__ import annotations

from typing import Final

OTHER_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "SHFE": ("SHF", "XSGE", "上期所", "上海期货交易所"),
    "INE": ("XINE", "能源中心", "上期能源", "上海国际能源交易中心"),
    "DCE": ("XDCE", "大商所", "大连商品交易所"),
    "CZCE": ("ZCE", "XZCE", "郑商所", "郑州商品交易所"),
    "CFFEX": ("CFX", "CCFX", "中金所", "中国金融期货交易所"),
    "GFEX": ("GFE", "广期所", "广州期货交易所"),
}
"""What the six are called elsewhere: short codes of data vendors, MIC codes, Chinese names."""

_EXCHANGES: Final = {
    name: exchange for exchange, others in OTHER_NAMES.items() for name in (exchange, *others)
}


def exchange_named(text: str) -> str:
    """Return which of the six a text names, in any case; any other text as it stands."""
    return _EXCHANGES.get(text.upper() if text.isascii() else text, text)
