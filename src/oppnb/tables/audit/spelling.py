"""What another spelling of a value most likely is."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

__all__ = ["likely_spellings", "plain", "plain_company_name", "same_but_for_a_slip"]

ALIKE = 0.93
_MOST_PAIRS = 4_000_000
_LEGAL_FORMS = re.compile(
    r"(有限责任公司|股份有限公司|有限公司|集团|公司|"
    r"\b(incorporated|inc|corporation|corp|company|co|limited|ltd|llc|llp|plc|gmbh|ag|kg|se|sa|sas|sarl|bv|nv|spa|srl|oy|ab|as|pty)\b\.?)"
)


def plain(text: str) -> str:
    """Text without what a reader does not see as a difference: width, case, spaces and punctuation.

    Examples
    --------
    >>> plain("GTX Pro") == plain("ＧＴＸＰｒｏ")
    True
    """
    return "".join(sign for sign in unicodedata.normalize("NFKC", text).casefold() if sign.isalnum())


def plain_company_name(name: str) -> str:
    """A company's name in plain form without its legal form; never empty for a name with letters.

    Examples
    --------
    >>> plain_company_name("Acme Co., Ltd.") == plain_company_name("ACME")
    True
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    return plain(_LEGAL_FORMS.sub(" ", folded)) or plain(folded)


def likely_spellings(values: Iterable[str], known: Iterable[str]) -> dict[str, str]:
    """Find for each value the known one that was most likely meant.

    Parameters
    ----------
    values : iterable of str
        Values that are not among `known`.
    known : iterable of str
        Right spellings.

    Returns
    -------
    dict of str to str
        Only values for which one known spelling stands out: equal but for width, case, spaces and punctuation, else
        Jaro-Winkler similarity of at least 0.93 with the same digits. Two equally near ones: none. Above four
        million pairs only the first is tried.

    Examples
    --------
    >>> likely_spellings(["GTXPro", "GTX 900"], ["GTX Pro", "GTX Basic", "GTX 500"])
    {'GTXPro': 'GTX Pro'}
    """
    right = sorted(set(known))
    asked = sorted(set(values) - set(right))
    by_plain: dict[str, str | None] = {}
    for text in right:
        by_plain[plain(text)] = None if plain(text) in by_plain else text
    found = {text: by_plain.get(plain(text)) for text in asked}
    left = [text for text in asked if found[text] is None and len(plain(text)) >= 4]
    if left and len(left) * len(right) <= _MOST_PAIRS:
        found.update(_nearest(left, right))
    return {text: near for text, near in found.items() if near is not None}


def _nearest(left: Sequence[str], right: Sequence[str]) -> dict[str, str]:
    import numpy as np
    from rapidfuzz import process
    from rapidfuzz.distance import JaroWinkler

    found: dict[str, str] = {}
    choices = [plain(text) for text in right]
    for start in range(0, len(left), 1000):
        part = left[start : start + 1000]
        scores = process.cdist(
            [plain(text) for text in part], choices, scorer=JaroWinkler.similarity, score_cutoff=ALIKE
        )
        for row, text in enumerate(part):
            best = float(scores[row].max())
            places = np.flatnonzero(scores[row] == best)
            if best >= ALIKE and places.size == 1 and _digits(text) == _digits(right[int(places[0])]):
                found[text] = right[int(places[0])]
    return found


def same_but_for_a_slip(counts: Mapping[str, int], *, times: int = 10) -> dict[str, str]:
    """Rare spellings in one column, each with the usual one it stands for.

    Parameters
    ----------
    counts : mapping of str to int
        How often each spelling occurs.
    times : int
        How many times as frequent the usual spelling must be where letters differ.

    Returns
    -------
    dict of str to str
        Spelling -> usual spelling. Spellings that differ only in width, case, spaces or punctuation belong together
        at any frequency (the most frequent wins, then the first by alphabet); those that differ by one letter in one
        word of five or more letters only if one is much more frequent. Digits, short words, the last letter and
        Chinese characters never count as a slip: `GTX 500`, `Team A`, `Group B` and `华东区` are names of their own.

    Examples
    --------
    >>> same_but_for_a_slip({"technology": 40, "technolgy": 2, "retail": 3, "Retail": 9, "Team A": 90, "Team B": 1})
    {'retail': 'Retail', 'technolgy': 'technology'}
    """
    by_frequency = sorted(counts, key=lambda text: (-counts[text], text))
    usual: dict[str, str] = {}
    for text in by_frequency:
        usual.setdefault(plain(text), text)
    found = {text: usual[plain(text)] for text in by_frequency if plain(text) and usual[plain(text)] != text}
    heads = [text for text in by_frequency if text not in found and plain(text)]
    for place, text in enumerate(heads):
        for better in heads[:place]:
            if counts[better] < times * counts[text]:
                break
            if _is_slip(text, better):
                found[text] = better
                break
    return dict(sorted((text, found.get(better, better)) for text, better in found.items()))


def _is_slip(text: str, better: str) -> bool:
    from rapidfuzz.distance import OSA

    if abs(len(text) - len(better)) > 1 or OSA.distance(text.casefold(), better.casefold(), score_cutoff=1) > 1:
        return False
    words, usual = text.casefold().split(), better.casefold().split()
    if len(words) != len(usual):
        return False
    pairs = [(word, other) for word, other in zip(words, usual, strict=True) if word != other]
    return len(pairs) == 1 and _is_slip_of_a_word(*pairs[0])


def _is_slip_of_a_word(word: str, usual: str) -> bool:
    if min(len(word), len(usual)) < 5 or _digits(word) != _digits(usual) or not (word + usual).isascii():
        return False
    return len(word) != len(usual) or word[-1] == usual[-1]


def _digits(text: str) -> str:
    return "".join(sign for sign in text if sign.isdigit())
