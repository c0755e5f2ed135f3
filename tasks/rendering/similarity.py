"""How alike two prompts read, without a language model.

A prompt becomes its words, its pairs of neighbouring words and the letter triples of its words,
each counted and weighed by 1 + ln(count); two prompts are as alike as the cosine of these. That
sees spelling, inflection and order, but not meaning: "dusk" and "nightfall" are strangers, and in
a long prompt "calm" for "stormy" changes little. It may rank what a person has allowed to stand
in, and never decides silently.

Source:
    G. Salton, C. Buckley, Term-weighting approaches in automatic text retrieval, Information
    Processing & Management 24(5), 1988 (sub-linear term weights, cosine).
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from tasks.rendering.reading import normalised

# Words that hold sentences together and show nothing.
_GLUE = frozenset({
    "a", "an", "and", "are", "as", "at", "be", "by", "for", "from", "in", "into", "is", "it", "its",
    "of", "on", "or", "over", "that", "the", "their", "then", "through", "to", "under", "up",
    "while", "with",
})  # fmt: skip
_WORD = re.compile(r"[^\W_]+")
# Share of a word, of a pair of words, and of one letter triple in the whole.
_WORD_WEIGHT, _PAIR_WEIGHT, _TRIPLE_WEIGHT = 1.0, 0.7, 0.35


def similarity(one: str, other: str) -> float:
    """How alike two prompts read: 1 for equal words in equal order, 0 for none in common.

    Prompts without words are like nothing, themselves included.
    """
    left, right = _embedded(one), _embedded(other)
    product = sum(weight * right[feature] for feature, weight in left.items() if feature in right)
    lengths = math.sqrt(_square(left) * _square(right))
    return min(product / lengths, 1.0) if lengths else 0.0


def most_similar(
    prompt: str, others: Sequence[str], *, at_least: float
) -> tuple[int, float] | None:
    """Find the prompt that is most like another.

    Args:
        prompt: What was asked for.
        others: What there is; of equally similar ones the first is taken.
        at_least: Similarity below which none is taken.

    Returns:
        Its place among the others, and its similarity.
    """
    scores = [similarity(prompt, other) for other in others]
    best = max(range(len(scores)), key=lambda place: scores[place], default=None)
    if best is None or scores[best] < at_least:
        return None
    return best, scores[best]


def _embedded(text: str) -> dict[str, float]:
    """Weights of a prompt's features."""
    counts = Counter(_features(text))
    return {
        feature: _weight(feature) * (1.0 + math.log(count)) for feature, count in counts.items()
    }


def _features(text: str) -> Iterator[str]:
    """Words as ``w:``, pairs as ``p:``, triples as ``t:``; a word's ends count as letters."""
    words = [word for word in _WORD.findall(normalised(text).casefold()) if word not in _GLUE]
    for word in words:
        yield f"w:{word}"
        edged = f"^{word}$"
        yield from (f"t:{edged[k : k + 3]}" for k in range(len(edged) - 2))
    yield from (f"p:{one} {other}" for one, other in pairwise(words))


def _weight(feature: str) -> float:
    return {"w": _WORD_WEIGHT, "p": _PAIR_WEIGHT, "t": _TRIPLE_WEIGHT}[feature[0]]


def _square(embedding: dict[str, float]) -> float:
    return sum(weight * weight for weight in embedding.values())
