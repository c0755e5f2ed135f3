"""Which stored clip a film may use for a shot, and what becomes of the clips that it makes."""

import hashlib
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from recipe_schema.artifacts import Clip
from tasks.storage.agent_cache import AgentCache
from tasks.storage.clip_shelf import ClipShelf
from tasks.storage.lease import leased

log = logging.getLogger(__name__)

# Place and similarity of the most similar of some prompts, if any is similar enough.
Similar = Callable[[str, Sequence[str]], tuple[int, float] | None]
Found = tuple[Clip | None, tuple[str, ...]]

# Clips of a kinship whose prompts are compared: each is a request to an S3 server.
_NEWEST = 64


@dataclass(frozen=True)
class Wanted:
    """The clip of one shot, as a film asks for it."""

    shot_id: str
    fingerprint: str
    renderer: str
    prompt: str
    kinship: str | None  # None: no other clip may stand in
    film_run: str | None


@dataclass(frozen=True)
class ClipLibrary:
    """The stored clips as one film may use them.

    With `reuse` off, only clips that were made for the film itself are used, so that a resumed
    film pays for nothing twice; what it makes replaces what other films find.
    """

    shelf: ClipShelf
    reuse: bool = True
    similar: Similar | None = None  # None: similar prompts never stand in
    service: AgentCache | None = None

    def look_up(self, wanted: Wanted, *, ask: bool = False) -> Found:
        """Find a clip: the one asked for, else one of a similar prompt where that is allowed.

        Args:
            wanted: The clip.
            ask: Ask AgentCache too.

        Returns:
            The clip, and what went wrong at AgentCache.
        """
        clip = self._exact(wanted)
        if clip is not None or not self.reuse:
            return clip, ()
        told: tuple[str, ...] = ()
        if ask and self.service is not None:
            clip, told = self._remembered(wanted, self.service)
        return clip or self._similar(wanted), told

    @contextmanager
    def turn(self, wanted: Wanted) -> Iterator[Clip | None]:
        """Wait while another worker makes this clip.

        Yields:
            Its clip, or None: then it is the caller's turn to make one.
        """
        with leased(
            self.shelf.store, self._lease(wanted), ready=partial(self._exact, wanted)
        ) as clip:
            yield clip

    def keep(self, wanted: Wanted, clip: Clip) -> Clip:
        """List a new clip, and tell AgentCache; the clip, with what went wrong there."""
        fault = self.service.tell(clip) if self.service is not None else None
        if fault is not None:
            clip = clip.model_copy(update={"warnings": (*clip.warnings, fault)})
        if not self.reuse and wanted.film_run is not None:
            self.shelf.keep(_own_name(wanted.fingerprint, wanted.film_run), clip)
        self.shelf.keep(wanted.fingerprint, clip)
        if wanted.kinship is not None:
            self.shelf.relate(wanted.kinship, clip)
        return clip

    def lend(self, fingerprint: str, film_run: str) -> bool:
        """Let a film that re-uses nothing use one stored clip; whether it is there."""
        clip = self.shelf.find(fingerprint)
        if clip is not None:
            self.shelf.keep(_own_name(fingerprint, film_run), clip)
        return clip is not None

    def _exact(self, wanted: Wanted) -> Clip | None:
        """The clip asked for, from any film or, without `reuse`, from this one."""
        if self.reuse:
            clip = self.shelf.find(wanted.fingerprint)
        elif wanted.film_run is not None:
            clip = self.shelf.find(_own_name(wanted.fingerprint, wanted.film_run))
        else:
            clip = None
        return None if clip is None else _as_used(clip, wanted)

    def _remembered(self, wanted: Wanted, service: AgentCache) -> Found:
        """The clip that AgentCache names, listed here from now on."""
        clip, fault = service.ask(
            wanted.fingerprint,
            renderer=wanted.renderer,
            prompt=wanted.prompt,
            store=self.shelf.store,
        )
        if clip is not None:
            log.info("%s: AgentCache knows its clip", wanted.shot_id)
            self.shelf.keep(wanted.fingerprint, clip)
            clip = _as_used(clip, wanted)
        return clip, (fault,) if fault is not None else ()

    def _similar(self, wanted: Wanted) -> Clip | None:
        """A clip of another film whose prompt is similar enough; it says what it stands in for."""
        if self.similar is None or wanted.kinship is None:
            return None
        cards = self.shelf.relatives(wanted.kinship, newest=_NEWEST)
        while best := self.similar(wanted.prompt, [card.prompt for card in cards]):
            card = cards.pop(best[0])
            clip = self.shelf.find(card.fingerprint)
            # A film's shots do not stand in for each other: which is made first is chance.
            if clip is not None and clip.fallback is None and not _is_own(clip, wanted):
                return _standing_in(clip, wanted, similarity=best[1])
        return None

    def _lease(self, wanted: Wanted) -> str:
        """The name under which workers take turns; a film that re-uses nothing has its own."""
        name = wanted.fingerprint
        if not self.reuse and wanted.film_run is not None:
            name = _own_name(name, wanted.film_run)
        return "clip-" + _digest(self.shelf.tenant, name)


def _own_name(fingerprint: str, film_run: str) -> str:
    """The name of a clip that only one film finds."""
    return _digest(fingerprint, film_run)


def _digest(*words: str) -> str:
    return hashlib.sha256(":".join(words).encode()).hexdigest()


def _is_own(clip: Clip, wanted: Wanted) -> bool:
    return wanted.film_run is not None and clip.made_for == wanted.film_run


def _as_used(clip: Clip, wanted: Wanted) -> Clip:
    """A clip at its place in a film: paid for by the shot that it was made for, else a hit."""
    if _is_own(clip, wanted) and clip.shot_id == wanted.shot_id:
        return clip
    return clip.model_copy(
        update={
            "shot_id": wanted.shot_id,
            "cache": "hit",
            "seconds": 0.0,
            "cost": 0.0,
            "saved_s": clip.seconds,
            "saved_usd": clip.cost,
            # What AgentCache did on another day is no news.
            "warnings": tuple(told for told in clip.warnings if told in (clip.fallback or "")),
        }
    )


def _standing_in(clip: Clip, wanted: Wanted, *, similarity: float) -> Clip:
    told = (
        f"a clip of similar words stands in (similarity {similarity:.2f}): "
        f'asked for "{wanted.prompt}", made from "{clip.prompt}"'
    )
    log.warning("%s: %s", wanted.shot_id, told)
    return _as_used(clip, wanted).model_copy(
        update={"near_of": wanted.fingerprint, "fallback": told, "warnings": (told,)}
    )
