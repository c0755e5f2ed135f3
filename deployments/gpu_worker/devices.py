"""The graphics cards of this machine, as the driver's own tool lists them; no torch needed."""

import logging
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

log = logging.getLogger(__name__)

# The tool answers in a second; a hung driver must not hang the worker.
_WAIT_S = 20.0


@dataclass(frozen=True)
class Device:
    """One card."""

    visible_as: str
    """What CUDA_VISIBLE_DEVICES has to say for an engine to see only this one."""
    name: str

    @property
    def tag(self) -> str:
        """The tag of runs that it executed, such as ``gpu:nvidia-h200``."""
        return f"gpu:{re.sub('[^a-z0-9]+', '-', self.name.lower()).strip('-')}"


def find_devices(environment: Mapping[str, str] = os.environ) -> tuple[Device, ...]:
    """The cards that this process may use; none without NVIDIA's driver.

    Args:
        environment: CUDA_VISIBLE_DEVICES in it narrows the choice.
    """
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return ()
    try:
        done = subprocess.run(
            [tool, "--query-gpu=index,uuid,name", "--format=csv,noheader"],
            capture_output=True,
            text=True,
            timeout=_WAIT_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        log.warning("graphics cards are not told apart, nvidia-smi gave no list: %s", error)
        return ()
    return choose_devices(done.stdout, environment.get("CUDA_VISIBLE_DEVICES"))


def choose_devices(listing: str, visible: str | None) -> tuple[Device, ...]:
    """Pick the visible cards out of a listing.

    Args:
        listing: Lines of ``index, uuid, name``.
        visible: CUDA_VISIBLE_DEVICES: indices or ids in the order wanted; all when not set.
    """
    names: dict[str, str] = {}
    indices = []
    for line in listing.splitlines():
        index, uuid, name = (word.strip() for word in line.split(",", 2))
        names[index] = names[uuid] = name
        indices.append(index)
    if visible is None:
        return tuple(Device(index, names[index]) for index in indices)
    wanted = (word.strip() for word in visible.split(","))
    # A part of an id, or of a partitioned card (MIG-…), is CUDA's own to understand.
    return tuple(
        Device(word, names.get(word, names[indices[0]] if indices else "gpu"))
        for word in wanted
        if word and word != "-1"
    )
