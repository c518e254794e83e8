"""A client's workspace: made from the package's template, and brought up to date without losing what was changed."""

from oppnb.projects.answers import Answers, check_answer, parse_answers, read_answers
from oppnb.projects.asking import QUESTIONS, Question, complete_answers
from oppnb.projects.copying import copy_template
from oppnb.projects.making import MadeProject, init_project
from oppnb.projects.merging import Merged, merge_text
from oppnb.projects.merging_notebooks import merge_notebooks
from oppnb.projects.names import check_name
from oppnb.projects.planning import Step
from oppnb.projects.updating import UpdatedProject, update_project

__all__ = [
    "QUESTIONS",
    "Answers",
    "MadeProject",
    "Merged",
    "Question",
    "Step",
    "UpdatedProject",
    "check_answer",
    "check_name",
    "complete_answers",
    "copy_template",
    "init_project",
    "merge_notebooks",
    "merge_text",
    "parse_answers",
    "read_answers",
    "update_project",
]
