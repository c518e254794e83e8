"""The review of a pipeline: what changed, what it means for the target, which deals need a look and why."""

from oppnb.review.attention import attention_list
from oppnb.review.baseline import age_groups, in_period, last_quarter, stage_stays, twelve_months
from oppnb.review.bottlenecks import build_leakage, find_bottlenecks
from oppnb.review.breakdown import build_breakdown
from oppnb.review.bridge import BARS, Bridge, build_bridge
from oppnb.review.completeness import filled_by_column, filled_by_group, needed_columns
from oppnb.review.deal_flags import FLAGS, flag_deals
from oppnb.review.definitions import FIGURES, figure_definition, figure_definitions
from oppnb.review.fault_grades import grade_faults
from oppnb.review.fix_first import fix_first
from oppnb.review.flows import CREATED, LOST, REOPENED, UNDECIDED, WON, count_flows, entered_flows, moves_between
from oppnb.review.funnel import build_funnel
from oppnb.review.kpis import build_kpis
from oppnb.review.months import won_by_month
from oppnb.review.narrowed import build_funnel_by, narrow_inputs
from oppnb.review.opening import open_review
from oppnb.review.review import Review
from oppnb.review.since import changes_since
from oppnb.review.summary import bottleneck_text
from oppnb.review.weighted_beside import weighted_beside
from oppnb.review.win_rates import compare_win_rates, win_rates

__all__ = [
    "BARS",
    "CREATED",
    "FIGURES",
    "FLAGS",
    "LOST",
    "REOPENED",
    "UNDECIDED",
    "WON",
    "Bridge",
    "Review",
    "age_groups",
    "attention_list",
    "bottleneck_text",
    "build_breakdown",
    "build_bridge",
    "build_funnel",
    "build_funnel_by",
    "build_kpis",
    "build_leakage",
    "changes_since",
    "compare_win_rates",
    "count_flows",
    "entered_flows",
    "figure_definition",
    "figure_definitions",
    "filled_by_column",
    "filled_by_group",
    "find_bottlenecks",
    "fix_first",
    "flag_deals",
    "grade_faults",
    "in_period",
    "last_quarter",
    "moves_between",
    "narrow_inputs",
    "needed_columns",
    "open_review",
    "stage_stays",
    "twelve_months",
    "weighted_beside",
    "win_rates",
    "won_by_month",
]
