"""Reports and alerts are sent: mail, WeCom, DingTalk, Feishu, Slack, Teams, an address of your own.

Secrets come from the environment and never reach a file, a log or an error. `find_alerts` says what calls for a look,
`deliver` sends it: each alert once, to the owner of its deal.
"""

from oppnb.delivery.deliver import deliver
from oppnb.delivery.finding import find_alerts
from oppnb.delivery.found import Findings, FoundAlert, Missing
from oppnb.delivery.memory import AlertMemory, open_memory
from oppnb.delivery.result import DeliveryResult, Outcome

__all__ = [
    "AlertMemory",
    "DeliveryResult",
    "Findings",
    "FoundAlert",
    "Missing",
    "Outcome",
    "deliver",
    "find_alerts",
    "open_memory",
]
