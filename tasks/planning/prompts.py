"""Writes what is to be seen: structured fields, and the sentence that Mochi reads.

Mochi was trained on descriptions, so a prompt is 60 to 130 words of photorealistic prose (subject,
action, setting, light, camera), and every prompt of a film ends in the same style sentence with the
palette's colours in words.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from recipe_schema.recipe import ShotPrompt, VisualStyle
from tasks.planning import calm
from tasks.planning.bank import Aesthetic, Texts, energy_band, load_bank
from tasks.planning.palette import color_words
from tasks.planning.randomness import generator, pick, shuffled

RECENT = 3  # shots among which no subject returns
TRIES = 50  # draws before a repeated prompt is given up on; two in a row are rare already

# What a lens shows, by a word in its description.
SHOT_SIZES = (
    ("macro", "extreme close-up"),
    ("85mm", "close shot"),
    ("50mm", "medium shot"),
    ("", "wide shot"),
)


@dataclass
class PromptWriter:
    """Writes the prompts of one film and remembers them, so that none is written twice.

    Attributes:
        aesthetic: Where the words come from.
        style: The film's published style; its colours are named in every prompt.
        seed: The film's seed; each shot draws by its own id.
        written: Prompts of this film so far.
        subjects: Subjects of this film so far, in order.
        actions: Actions of this film so far, in order.
    """

    aesthetic: Aesthetic
    style: VisualStyle
    seed: int
    written: set[str] = field(default_factory=set)
    subjects: list[str] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)

    def write(self, shot_id: str, *, theme: str, energy: float) -> tuple[ShotPrompt, str]:
        """Fields and sentence for one shot."""
        rng = generator(self.seed, "prompt", shot_id)
        closing = style_sentence(self.aesthetic, self.style)
        for _ in range(TRIES):
            prompt = self._draw(theme, self._band(energy), rng)
            sentence = mochi_sentence(prompt, closing=closing, quality=self._quality())
            if sentence not in self.written:
                break
        self.written.add(sentence)
        self.subjects.append(prompt.subject)
        self.actions.append(prompt.action)
        return prompt, sentence

    def _draw(self, theme: str, band: str, rng: np.random.Generator) -> ShotPrompt:
        bank = load_bank()
        return ShotPrompt(
            subject=_freshest(self.aesthetic.subjects[theme], self.subjects, rng),
            action=_freshest(self._actions(theme), self.actions, rng),
            setting=pick(self.aesthetic.places.get(theme, self.aesthetic.settings), rng),
            motion=pick(self._restful(bank.motions[band]), rng),
            light=pick(self.aesthetic.lights[band], rng),
            camera=f"{pick(self._restful(bank.cameras[band]), rng)} {pick(bank.lenses, rng)}",
        )

    def _band(self, energy: float) -> str:
        """Whose lights, cameras and motions a shot has; a calm film has no loud ones."""
        band = energy_band(energy)
        return calm.LOUDEST_BAND if self.style.calm and band == "high" else band

    def _actions(self, theme: str) -> Texts:
        """What a theme may do."""
        bank = load_bank()
        softer = bank.calm_actions.get(theme) if self.style.calm else None
        return softer or self._restful(bank.actions[theme])

    def _restful(self, texts: Texts) -> Texts:
        """Of words that all looks share, those that suit the film."""
        return calm.restful(texts) if self.style.calm else texts

    def _quality(self) -> str:
        """The film's last sentence, the same for all its shots."""
        return pick(load_bank().quality, generator(self.seed, "quality"))


def _freshest(texts: Texts, told: Sequence[str], rng: np.random.Generator) -> str:
    """One of the texts that were told least often, and not within a few shots."""
    recent = told[-RECENT:]
    return min(shuffled(texts, rng), key=lambda text: (text in recent, told.count(text)))


def style_sentence(aesthetic: Aesthetic, style: VisualStyle) -> str:
    """The sentence that all shots of a film share."""
    colors = _listed(color_words(style.color_palette))
    return f"The whole film is set in {aesthetic.style}, and its colours are {colors}."


def mochi_sentence(prompt: ShotPrompt, *, closing: str, quality: str) -> str:
    """Turn the fields into the prose that Mochi reads."""
    size = next(size for word, size in SHOT_SIZES if word in prompt.camera)
    scene = " ".join(part for part in (prompt.subject, prompt.action, prompt.setting) if part)
    move = ", and ".join(part for part in (prompt.camera, prompt.motion) if part)
    told = [f"A photorealistic {size} of {scene}", prompt.light, move]
    return " ".join([*(f"{part}." for part in told if part), closing, quality])


def _listed(words: Sequence[str]) -> str:
    """Words as a person lists them."""
    return " and ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)
