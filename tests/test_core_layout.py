"""The compiled core's codes, bits and records are those of the schema."""

from __future__ import annotations

import pytest

from abtrade import _core, matches, schema


@pytest.mark.parametrize("kind", sorted(_core.CODES))
def test_codes_are_those_of_the_schema(kind):
    members = getattr(schema, kind).__members__
    assert {name: int(members[name]) for name in _core.CODES[kind]} == _core.CODES[kind]


def test_every_action_and_order_fault_is_known_to_the_core():
    assert set(_core.CODES["Action"]) == set(schema.Action.__members__)
    of_orders = {
        kind.name for kind in schema.Fault
        if schema.Fault.DUPLICATE_ORDER <= kind < schema.Fault.CLOSE_OVER_HELD
    }  # what is held is the holdings' concern
    assert set(_core.CODES["Fault"]) == of_orders
    assert _core.SIGHT.itemsize == _core.SIZES["sight"] == 80
    assert _core.SIZES["resting"] == _core.SIZES["named"] == 24
    assert _core.SIZES["price_level"] == 32
    assert _core.FAULT_KINDS == schema.Fault.CLOSE_OVER_HELD
    assert schema.FIRST_FAULTS_KEPT == _core.FIRST_FAULTS_KEPT


def test_attributes_are_packed_alike():
    assert {name: schema.ATTRIBUTE_BITS[name][0] for name in _core.ATTRIBUTES} == _core.ATTRIBUTES
    assert schema.ATTRIBUTE_BITS["market_maker"] == (14, 1)
    assert schema.ATTRIBUTE_BITS["unknown_order"] == (15, 1)


def test_cells_hold_the_counts_in_one_order():
    assert tuple(sorted(_core.CELL_COUNTS, key=_core.CELL_COUNTS.__getitem__)) == schema.CELL_COUNTS


def test_records_have_no_padding():
    """The arrays that are made of the core's buffers have exactly their size."""
    assert _core.CROSSING.itemsize == _core.SIZES["crossing"]
    assert _core.INCREMENT.itemsize == _core.SIZES["increment"]
    assert _core.MATCH.itemsize == _core.SIZES["match"]
    assert _core.MATCH.names == matches._Match._fields
    assert _core.SIZES["order"] == _core.SIZES["extra"] == _core.SIZES["mark"] == 24
    assert _core.SIZES["cell"] == 56
