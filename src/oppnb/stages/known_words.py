"""How far along a stage sounds, by its name alone: the last resort when no history says in which order stages come."""

from oppnb.tables import fold

__all__ = ["place_by_words"]

_WORDS: tuple[tuple[str, ...], ...] = (
    ("lead", "new", "inquiry", "prospect", "attract", "submitted", "suspect", "潜在", "线索", "引流", "初步", "新建"),
    (
        "qualif",
        "engag",
        "need",
        "discover",
        "contact",
        "intent",
        "validat",
        "appointment",
        "需求",
        "意向",
        "验证",
        "立项",
    ),
    (
        "demo",
        "presentation",
        "value",
        "solution",
        "evaluat",
        "exchange",
        "analysis",
        "trial",
        "演示",
        "交流",
        "评估",
        "方案",
    ),
    ("propos", "quot", "offer", "bid", "tender", "price", "报价", "投标", "招标"),
    ("negot", "review", "decision", "contract", "commit", "verbal", "谈判", "决策", "商务", "合同"),
    ("ready to close", "signing", "approval", "签约", "审批", "待签"),
)


def place_by_words(stage: str) -> float | None:
    """Place of a stage on the usual way from lead (1) to signing (6); null if its name says nothing.

    The mean of the places of the words met, so that "Proposal and negotiation" comes after "Proposal".

    Examples
    --------
    >>> [place_by_words(name) for name in ["New lead", "方案报价", "Proposal and negotiation", "Blue"]]
    [1.0, 3.5, 4.5, None]
    """
    folded = fold(stage)
    places = [place for place, words in enumerate(_WORDS, start=1) if any(word in folded for word in words)]
    return sum(places) / len(places) if places else None
