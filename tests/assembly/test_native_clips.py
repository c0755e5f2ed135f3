"""Clips of the film's own size and rate reach the film as they are: nothing is resized or mixed."""

from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest
from support.pictures import busy_picture, film_frame, flat_picture, picture_job

from recipe_schema.assembly import Grading
from recipe_schema.vocabulary import Quality
from tasks.assembly import conform, layers
from tasks.assembly.compositor import Compositor

SIZE = (128, 72)


@pytest.mark.parametrize("quality", [Quality.STANDARD, Quality.MASTER])
def test_every_frame_is_its_own_picture_of_the_clip(tmp_path, monkeypatch, quality):
    def never(*_args, **_options):
        raise AssertionError("a native clip is shown as it is")

    monkeypatch.setattr(conform, "in_between", never)
    monkeypatch.setattr(layers, "enlarge", never)
    monkeypatch.setattr(layers, "pack_luma_doubled", never)
    grey = flat_picture(0, size=SIZE)[1:]
    pictures = [(busy_picture(seed, size=SIZE)[0], *grey) for seed in range(12)]
    job = picture_job(tmp_path, [pictures], duration_s=0.4, size=SIZE)
    told = job.recipe.assembly_instructions.model_copy(update={"grade": Grading(strength=0)})
    job = replace(
        job,
        recipe=job.recipe.model_copy(update={"assembly_instructions": told}),
        film=job.film.model_copy(update={"quality": quality, "native": True}),
    )

    with closing(Compositor(job)) as compositor:
        for n in range(len(pictures)):
            luma = film_frame(compositor, job, n)[0].astype(int)
            apart = [np.abs(luma - picture[0]).mean() for picture in pictures]
            assert np.argmin(apart) == n
            assert apart[n] < 2.0
