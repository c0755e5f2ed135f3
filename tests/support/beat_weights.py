"""A checkpoint of Beat This!, in the form of its authors', with weights by the roll of dice."""

from pathlib import Path


def tiny_checkpoint(folder: Path) -> Path:
    import torch
    from beat_this.model.beat_tracker import BeatThis

    torch.manual_seed(0)
    sizes = {"transformer_dim": 32, "n_layers": 1, "stem_dim": 32, "ff_mult": 1}
    network = BeatThis(**sizes)
    # As its training code saves it: inside a module of its own, beside settings of the training.
    saved = {f"model.{name}": value for name, value in network.state_dict().items()}
    path = folder / "tiny.ckpt"
    torch.save({"state_dict": saved, "hyper_parameters": {**sizes, "lr": 1e-3}}, path)
    return path
