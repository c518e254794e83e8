"""The review of a pipeline: what changed, what it means for the target, which deals need a look and why."""

from oppnb.review.attention import attention_list
from oppnb.review.bottlenecks import build_leakage, find_bottlenecks
from oppnb.review.breakdown import build_breakdown
from oppnb.review.bridge import BARS, Bridge, build_bridge
from oppnb.review.deal_flags import FLAGS, flag_deals
from oppnb.review.definitions import FIGURES, figure_definition, figure_definitions
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
    "attention_list",
    "bottleneck_text",
    "build_breakdown",
    "build_bridge",
    "build_funnel",
    "build_funnel_by",
    "build_kpis",
    "build_leakage",
    "changes_since",
    "count_flows",
    "entered_flows",
    "figure_definition",
    "figure_definitions",
    "find_bottlenecks",
    "flag_deals",
    "moves_between",
    "narrow_inputs",
    "open_review",
    "weighted_beside",
    "won_by_month",
]
