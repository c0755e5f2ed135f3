"""A Demucs of random weights, small enough for tests, written by Demucs' own functions."""

from collections.abc import Sequence
from pathlib import Path

SOURCES = ("drums", "bass", "other", "vocals")


def write_network(folder: Path, signature: str, sources: Sequence[str] = SOURCES) -> None:
    """A hybrid transformer that hears two seconds at a time, as `signature`-`checksum`.th."""
    import torch
    from demucs.htdemucs import HTDemucs
    from demucs.states import get_state, save_with_checksum

    torch.manual_seed(sum(signature.encode()))
    network = HTDemucs(
        list(sources),
        channels=4,
        depth=4,
        bottom_channels=16,
        t_layers=1,
        t_heads=2,
        nfft=1024,
        segment=2,
        dconv_depth=1,
        dconv_comp=2,
    )
    arguments, keywords = network._init_args_kwargs
    package = {
        "klass": HTDemucs,
        "args": arguments,
        "kwargs": keywords,
        "state": get_state(network, None, half=True),
        "training_args": {},
    }
    save_with_checksum(package, folder / f"{signature}.th")
