"""The benchmark's sheets in numpy follow the kernels: else their costs cannot be compared."""

import json

import numpy as np
import pytest
from bench import bench_themes

pytestmark = pytest.mark.slow

SIZE = (160, 96)


def test_numpy_paints_the_pictures_of_the_kernels(capsys: pytest.CaptureFixture[str]) -> None:
    bench_themes.measure_numpy(SIZE)
    figure = json.loads(capsys.readouterr().out)
    assert figure["beside"]["psnr_db"] > bench_themes.LEAST_PSNR
    # It was numpy that painted the others.
    assert figure["beside"]["times"] > 2


def test_sheets_that_do_not_follow_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def dark(layer: np.ndarray, *_: object) -> None:
        layer[:4] = 0

    monkeypatch.setitem(bench_themes.BY_NUMPY_PARTS, "light_glow", dark)
    monkeypatch.setattr(bench_themes, "ROUNDS", 1)
    with pytest.raises(AssertionError, match=r"another picture.*follow sheets\.py"):
        bench_themes.measure_numpy(SIZE)
