from __future__ import annotations

from addax import measures


class _Taking:
    def __init__(self, alpha, name=None):
        pass


class _TakingAll:
    def __init__(self, **kwargs):
        pass


def test_arguments_without_a_plain_form_are_left_out():
    found = measures.saveable_arguments({"alpha": 0.5, "shape": (1, 2), "thing": object()})
    assert found == {"alpha": 0.5, "shape": (1, 2)}


def test_standard_entries_that_a_constructor_does_not_take_are_dropped():
    config = {"alpha": 1, "name": "n", "reduction": "sum", "other": 2}
    standard = ("name", "reduction")
    assert measures.accepted_by(_Taking, config, standard) == {"alpha": 1, "name": "n", "other": 2}
    assert measures.accepted_by(_TakingAll, config, standard) == config
