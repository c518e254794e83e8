"""What the synthetic pipeline is made with: its size, its processes and the laws its deals live by."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from oppnb.errors import ParameterError

__all__ = ["Laws", "ProcessSettings", "StageSettings", "SyntheticSettings"]


@dataclass(frozen=True)
class StageSettings:
    """An open stage: weekly intensities of what may happen in it, and what the workspace says of it.

    Attributes
    ----------
    forward, skip, back, lost, silent : float
        Weekly intensities at baseline (all effects zero) of moving one stage on, two stages on, one stage back, being
        lost, and falling silent for good. From the last stage, forward is a win; so is a skip that passes it.
    is_rushed : bool
        Decisions of this stage, won and lost alike, bunch at the end of a quarter.
    odds, time_limit_days, silence_limit_days : float
        What the sales manager wrote into the workspace; on purpose not the truth.
    """

    name: str
    label: str
    forward: float
    lost: float
    skip: float = 0.0
    back: float = 0.0
    silent: float = 0.006
    is_rushed: bool = False
    odds: float = 0.5
    time_limit_days: float = 75
    silence_limit_days: float = 35
    forecast_category: str = "pipeline"
    key_tasks: tuple[tuple[str, int], ...] = ()
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True)
class ProcessSettings:
    """A product line with its own open stages; each ends in the stages `Won` and `Lost`.

    Attributes
    ----------
    share : float
        Share of all opportunities, 0-1.
    products : mapping of str to float
        Product -> median amount of a deal in the base currency.
    for_customers_only : bool
        Only accounts that were customers before the first day.
    """

    name: str
    label: str
    share: float
    stages: tuple[StageSettings, ...]
    products: Mapping[str, float]
    for_customers_only: bool = False


@dataclass(frozen=True)
class Laws:
    """How features act on a deal's life.

    A deal's score is the sum of its effects. Forward and skip intensities are multiplied by `exp(score / 2)`, lost and
    silent ones by `exp(-score / 2)`, all of them by `exp(-slowness x size class)`. Quality and engagement are drawn
    from a standard normal distribution and never written into the tables; they show in evidence, stance and activities.

    `crossed` and `threshold` are zero in the sample. They bend the law, so that no sum of single effects can follow it:
    `crossed` is added where source and industry agree (both at an even place of their lists, or both at an odd one) and
    taken away where they do not; `threshold` is taken from deals that ask for more than one and a half times what is
    usual for their product, and added to the others.

    `shock_sd` is zero in the sample too. Above zero, every calendar quarter has a shock that all deals share, added to
    every score in its weeks (a week belongs to the quarter of its Wednesday): a bad quarter is bad for all. The shocks
    follow each other as an AR(1) with the carry `shock_carry` and the stationary standard deviation `shock_sd`.
    Probabilities (`SyntheticTruth`, `win_probability`) are told at a shock of zero; `revenue_oracle` draws the shocks.

    Raises
    ------
    ParameterError
        If `shock_sd` is negative or `shock_carry` does not lie between -1 and 1.
    """

    source: Mapping[str, float] = field(
        default_factory=lambda: MappingProxyType(
            {"referral": 0.55, "partner": 0.25, "web": 0.0, "event": -0.15, "outbound": -0.5}
        )
    )
    industry: Mapping[str, float] = field(
        default_factory=lambda: MappingProxyType(
            {"manufacturing": 0.25, "finance": 0.1, "retail": -0.1, "healthcare": 0.2, "education": -0.3, "energy": 0.0}
        )
    )
    size_class: tuple[float, ...] = (-0.15, 0.0, 0.15)
    skill_sd: float = 0.3
    quality: float = 0.5
    engagement: float = 0.35
    slowness: float = 0.15
    rush: tuple[float, ...] = (2.6, 2.0, 1.4)
    rush_else: float = 0.75
    clean_up_weekly: float = 0.008
    reopen_share: float = 0.02
    return_weekly: float = 0.15
    crossed: float = 0.0
    threshold: float = 0.0
    shock_sd: float = 0.0
    shock_carry: float = 0.5

    def __post_init__(self) -> None:
        if self.shock_sd < 0:
            raise ParameterError(f"shock_sd is {self.shock_sd}; a standard deviation is not negative.")
        if not -1 < self.shock_carry < 1:
            raise ParameterError(f"shock_carry is {self.shock_carry}; it must lie between -1 and 1, both excluded.")


_NEW = ProcessSettings(
    name="new_business",
    label="新签",
    share=0.72,
    products=MappingProxyType({"Insight Suite": 180_000.0, "Data Platform": 420_000.0, "Field App": 60_000.0}),
    stages=(
        StageSettings(
            "Lead", "线索", 0.17, 0.075, skip=0.012, odds=0.1, time_limit_days=60, silence_limit_days=28,
            key_tasks=(("First call held", 5),), evidence=("identify_pain",),
        ),
        StageSettings(
            "Qualified", "需求确认", 0.15, 0.055, skip=0.008, back=0.008, odds=0.3, time_limit_days=75,
            key_tasks=(("Needs written down", 10), ("Decision maker met", 20)),
            evidence=("identify_pain", "metrics", "champion"),
        ),
        StageSettings(
            "Proposal", "方案报价", 0.14, 0.05, skip=0.008, back=0.01, odds=0.5, time_limit_days=75,
            forecast_category="best_case", key_tasks=(("Quote sent", 7),),
            evidence=("metrics", "champion", "decision_criteria", "economic_buyer"),
        ),
        StageSettings(
            "Negotiation", "商务谈判", 0.15, 0.05, back=0.01, is_rushed=True, odds=0.8, time_limit_days=60,
            silence_limit_days=28, forecast_category="commit", key_tasks=(("Contract draft agreed", 14),),
            evidence=("economic_buyer", "decision_process", "paper_process"),
        ),
    ),
)  # fmt: skip

_RENEWAL = ProcessSettings(
    name="renewal",
    label="续约",
    share=0.28,
    for_customers_only=True,
    products=MappingProxyType({"Service Plan": 90_000.0, "Platform Renewal": 260_000.0}),
    stages=(
        StageSettings(
            "Review", "使用回顾", 0.20, 0.015, silent=0.003, odds=0.6, time_limit_days=75, silence_limit_days=42,
            key_tasks=(("Usage review held", 14),), evidence=("metrics",),
        ),
        StageSettings(
            "Offer", "续约报价", 0.18, 0.025, skip=0.01, back=0.006, silent=0.003, odds=0.75, time_limit_days=75,
            silence_limit_days=42, forecast_category="best_case", key_tasks=(("Renewal offer sent", 10),),
            evidence=("metrics", "economic_buyer"),
        ),
        StageSettings(
            "Terms", "条款确认", 0.22, 0.03, back=0.006, silent=0.003, is_rushed=True, odds=0.9, time_limit_days=60,
            silence_limit_days=28, forecast_category="commit", evidence=("decision_process", "paper_process"),
        ),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class SyntheticSettings:
    """Everything that decides what `make_pipeline` makes; the same settings give the same tables.

    Attributes
    ----------
    n_opportunities : int
        Deals of all processes together, at least 50.
    start, end : date
        Deals are created from the first Monday on or after `start`; everything is known to the end of `end`.
    seed : int
        Of the NumPy generator; each part of the pipeline has its own stream.
    processes : tuple of ProcessSettings
        Product lines; their shares add up to 1.
    laws : Laws
        How features act.
    base_currency, other_currency, base_per_other
        Deals of the region `Overseas` are in the other currency.
    n_dirty : int
        Deals in the dirty copy.

    Raises
    ------
    ParameterError
        If there are too few deals, too short a time, or shares that do not add up to 1.

    Examples
    --------
    >>> SyntheticSettings().n_opportunities
    3000
    >>> [process.name for process in SyntheticSettings().processes]
    ['new_business', 'renewal']
    """

    n_opportunities: int = 3_000
    start: date = date(2023, 1, 1)
    end: date = date(2025, 12, 31)
    seed: int = 20_230_101
    processes: tuple[ProcessSettings, ...] = (_NEW, _RENEWAL)
    laws: Laws = field(default_factory=Laws)
    base_currency: str = "CNY"
    other_currency: str = "USD"
    base_per_other: float = 7.1
    n_dirty: int = 400

    def __post_init__(self) -> None:
        if self.n_opportunities < 50:
            raise ParameterError(f"n_opportunities is {self.n_opportunities}; a pipeline needs at least 50.")
        if (self.end - self.start).days < 182:
            raise ParameterError(f"From {self.start} to {self.end} is less than half a year, too short for a deal.")
        if abs(sum(process.share for process in self.processes) - 1) > 1e-9:
            raise ParameterError("The shares of the processes must add up to 1.")

    @property
    def n_stages(self) -> int:
        """Open stages of the longest process."""
        return max(len(process.stages) for process in self.processes)
