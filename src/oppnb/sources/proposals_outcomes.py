"""A list of deals that has no stage, only how each one ended: recognised by its values."""

from dataclasses import replace

from oppnb.sources.mapping_columns import plain_text
from oppnb.sources.outcomes import outcome_word
from oppnb.sources.proposals_headers import HeaderIndex, sounds_like_a_key
from oppnb.sources.proposals_presets import Preset, PresetTable, presets
from oppnb.sources.proposals_sections import Recognised, count_columns
from oppnb.sources.proposals_values import FileValues

__all__ = ["may_tell_outcomes", "recognise_by_outcome"]


def recognise_by_outcome(headers: HeaderIndex, values: FileValues) -> Recognised | None:
    """Recognise a list of opportunities by a key, an amount, and a column that says won and lost and nothing else.

    Returns
    -------
    Recognised or None
        With `stage`, the header that says how each deal ended, and `why`; None if one of the three is not there.

    Examples
    --------
    >>> import pandas as pd
    >>> from oppnb.sources.mapping_columns import Settings
    >>> frame = pd.DataFrame({"Deal Number": ["1", "2"], "Amount": ["10", "20"], "Opportunity Result": ["Won", "Loss"]})
    >>> recognise_by_outcome(HeaderIndex(frame.columns), FileValues(frame, Settings())).stage
    'Opportunity Result'
    """
    for preset, section in _plain(headers):
        key, amount, outcome = (find(headers, values, section) for find in (_key, _amount, _outcome))
        if key is not None and amount is not None and outcome is not None:
            why = f"no stage, but '{outcome}' says won and lost, beside key '{key}' and amount '{amount}'"
            found = Recognised(preset, section, count_columns(section, headers))
            return replace(found, stage=outcome, why=why)
    return None


def may_tell_outcomes(headers: HeaderIndex) -> bool:
    """Whether a header sounds as if its values told won from lost: only then the file is worth reading."""
    return any(headers.has_any(section.columns["outcome"].headers) for _, section in _plain(headers))


def _plain(headers: HeaderIndex) -> list[tuple[Preset, PresetTable]]:
    return [
        (preset, section)
        for preset in presets()
        for section in preset.tables
        if preset.is_plain and section.table == "opportunities" and not headers.has_any(section.none_of)
    ]


def _key(headers: HeaderIndex, values: FileValues, section: PresetTable) -> str | None:
    named = headers.find_all(section.columns["opportunity_id"].headers)
    alike = (header for header in headers.headers if sounds_like_a_key(header) and values.is_unique(header))
    return next(iter(named), None) or next(alike, None)


def _amount(headers: HeaderIndex, values: FileValues, section: PresetTable) -> str | None:
    named = headers.find_all(section.columns["amount"].headers)
    return next((header for header in named if values.fits(header, "money")), None)


def _outcome(headers: HeaderIndex, values: FileValues, section: PresetTable) -> str | None:
    named = headers.find_all(section.columns["outcome"].headers)
    return next((header for header in named if _says_won_and_lost(values, header)), None)


def _says_won_and_lost(values: FileValues, header: str) -> bool:
    """Whether both words are among the first values, and no other word but for open."""
    words = plain_text(values.sample(header)).unique()
    return values.says_outcomes(header, None) and {"won", "lost"} <= {outcome_word(str(word)) for word in words}
