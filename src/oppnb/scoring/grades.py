"""Hot, warm or cold: a score by stated cuts."""

from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from oppnb.locale import Formats, Words
from oppnb.workspace import Grades

__all__ = ["GRADES", "Grade", "grade_scores", "grades_note"]

Grade = Literal["hot", "warm", "cold"]
GRADES: tuple[Grade, ...] = get_args(Grade)


def grade_scores(scores: pd.Series, grades: Grades) -> pd.Series:
    """The grade of each score.

    Parameters
    ----------
    scores : Series of float
        Win probability (0-1) or points, whichever `grades.by` names.
    grades : Grades
        Of `workspace.scoring.grades`; a score on a cut is above it.

    Returns
    -------
    Series of str
        hot, warm or cold, with the same index; null where the score is.

    Examples
    --------
    >>> grade_scores(pd.Series([0.6, 0.59, 0.1, None]), Grades()).tolist()
    ['hot', 'warm', 'cold', nan]
    """
    values: npt.NDArray[np.float64] = scores.to_numpy(dtype="float64", na_value=np.nan)
    place = np.searchsorted([grades.warm, grades.hot], np.nan_to_num(values), side="right")
    found = pd.Series(np.asarray(GRADES, dtype=object)[2 - place], index=scores.index)
    return found.mask(np.isnan(values)).astype("str")


def grades_note(grades: Grades, *, words: Words, formats: Formats) -> str:
    """The cuts in words, to stand beside the grades.

    Examples
    --------
    >>> grades_note(Grades(), words=Words("en"), formats=Formats("en"))
    'Hot from a win probability of 60%, warm from 30%, else cold.'
    """
    show = formats.share if grades.by == "learned" else formats.number
    return words(f"score_grade.cuts_{grades.by}", hot=show(grades.hot), warm=show(grades.warm))
