"""The arithmetic of the benchmarks' page, and the table of what is measured."""

import importlib
import json

import numpy as np
import pytest

from benchmarks import data_driver, footprint, peers, registry, report, run


def _records(*numbers):
    return [{"value": number, "date": "2026-01-01"} for number in numbers]


def test_a_ratio_is_the_peers_median_over_ours_with_the_spread_of_the_rounds():
    middle, least, largest = report.ratio(_records(2.0, 4.0, 5.0), _records(20.0, 20.0, 10.0))

    assert middle == 20 / 4
    assert (least, largest) == (10 / 5, 20 / 2)


def test_rounds_that_failed_are_left_out():
    ours = [*_records(2.0), {"error": "killed"}, *_records(4.0)]
    theirs = [*_records(8.0, 6.0), {"error": "killed"}]

    assert report.ratio(ours, theirs) == (7 / 3, 4.0, 4.0)
    assert report.ratio(ours, [{"error": "killed"}]) is None


@pytest.mark.parametrize(
    ("value", "text"), [(0.01234, "0.0123"), (1.5, "1.50"), (99.96, "100.0"), (12345.6, "12,346"), (0, "0")]
)
def test_numbers_have_three_digits(value, text):
    assert report.number(value) == text


def test_the_page_shows_ratios_before_medians_and_what_failed():
    results = {
        "cases": {
            "fit.mlp.32": {"addax": _records(100.0), "tf.keras": _records(1500.0), "torch": _records(50.0)},
            "tape": {
                "addax": _records(10.0),
                "tf.keras": [{"error": "no `tape` here", "date": "2026-01-01"}],
            },
            "machine": {"addax": [{"value": 180.0, "date": "2026-01-01", "rates": {"numpy": 180.0}}]},
        },
        "versions": {"addax": {"jax": "0.10"}},
        "machine": {"cores": 2},
        "command": "benchmarks/run.py",
    }
    page = report.page(results)

    assert page.index("## Ratios") < page.index("## Medians") < page.index("## Setting")
    assert "| MLP 784-128-10, batch 32 | 15.0 | **0.500** |" in page
    assert "- tape, tf.keras: `no tape here`" in page
    # 3 * 2 * (784 * 128 + 128 * 10) * 32 operations in 100 microseconds, of 180 GFLOP/s
    assert "| 19.5 | 108% | 195 |" in page


def test_every_case_names_a_workload_and_peers_that_exist():
    found = registry.cases(gpu=True)
    for name, case in found.items():
        assert name == case.name and set(case.peers) <= set(peers.PEERS)
        if case.task == "data":
            assert case.workload in data_driver.TITLES
            continue
        workload = importlib.import_module(f"benchmarks.workloads.{case.workload}")
        assert workload.FLOPS > 0 and len(workload.data(np.random.default_rng(0), 2)[1]) == 2
    assert {case.section for case in found.values()} <= set(registry.SECTIONS)


def test_cases_are_chosen_by_whole_words():
    found = registry.cases()

    assert set(registry.chosen(found, ["fit.mlp"])) == {"fit.mlp.32", "fit.mlp.256", "fit.mlp.32.bar"}
    assert list(registry.chosen(found, [])) == list(found)
    with pytest.raises(ValueError, match="perceptron"):
        registry.chosen(found, ["perceptron"])


def test_a_process_does_not_see_the_settings_of_the_shell(tmp_path, monkeypatch):
    monkeypatch.setenv("XLA_FLAGS", "--wrong")
    monkeypatch.setenv("KERAS_BACKEND", "wrong")
    variables = peers.environment("keras-jax", tmp_path)

    assert variables["KERAS_BACKEND"] == "jax" and "XLA_FLAGS" not in variables
    assert variables["KERAS_HOME"].startswith(str(tmp_path))


def test_the_installed_size_counts_all_that_is_needed():
    found = footprint.closure(["jax"])

    assert {"jax", "jaxlib", "numpy"} <= found and "keras" not in found
    assert footprint.size("jaxlib") > 10_000_000


def test_a_measurement_is_kept_and_the_report_reads_it(tmp_path):
    results, page = tmp_path / "results.json", tmp_path / "page.md"
    where = ["--results", str(results), "--page", str(page)]
    run.main(["--only", "installed", "--peers", "addax,keras-jax", "--quick", *where])
    kept = json.loads(results.read_text())["cases"]["installed"]
    measured = page.read_text()
    run.main(["report", *where])

    assert kept["keras-jax"][0]["value"] > kept["addax"][0]["value"] > 1
    assert page.read_text() == measured and "Installed size" in measured
