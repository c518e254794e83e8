"""What `oppnb run` would send as alerts beside a report; nothing is sent or remembered here."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from oppnb.errors import OppnbError
from oppnb.locale import Formats, Words
from oppnb.reports.redacting import redact
from oppnb.workspace import Workspace, read_workspace

if TYPE_CHECKING:
    from oppnb.delivery import AlertMemory, Findings, FoundAlert

__all__ = ["alerts_beside"]

_MOST = 20


def alerts_beside(asked: dict[str, Any], manifest: dict[str, Any]) -> dict[str, Any]:
    """The alerts of a workspace on the day of a report, of the report's slice.

    Parameters
    ----------
    asked : dict
        Of the job.
    manifest : dict
        Of the report: its day (`as_of`) and slice (`only`; a seller's report is of the slice of the seller).

    Returns
    -------
    dict
        `declared`: the kinds; empty where `oppnb.yaml` declares none. `n` alerts; `n_to_nobody` of them have no channel
        and no run sends its report to one; `kinds`: of each its `when`, `n`, and in `found` the first ones: `text`,
        `deal`, `channels` that would get it, `is_sent` where all of them have it.
        `missing`: what cannot be judged and why. `problem`: why none of it is known.
    """
    file = asked["parameters"].get("workspace")
    if file is None:
        return {"declared": []}
    words = Words(str(asked.get("locale") or "en"))
    try:
        settled = read_workspace(file)
        declared = list(dict.fromkeys(alert.when for alert in settled.alerts))
        return {"declared": declared, **(_found(asked, settled, manifest, words=words) if declared else {})}
    except OppnbError as error:
        return {"declared": [], "problem": redact(str(error))}
    except Exception as error:  # noqa: BLE001 - the report is made; what its alerts lack must not take it away
        return {"declared": [], "problem": redact(f"{type(error).__name__}: {error}")[:500]}


def _found(asked: dict[str, Any], settled: Workspace, manifest: dict[str, Any], *, words: Words) -> dict[str, Any]:
    from oppnb.delivery import find_alerts, open_memory
    from oppnb.review import open_review

    file = Path(asked["parameters"]["workspace"])
    memory = open_memory(settled, beside=file.parent)
    only = manifest.get("only") or asked["parameters"].get("only")
    review = open_review(asked["parameters"]["data"], as_of=manifest.get("as_of"), workspace=file, only=only)
    findings = find_alerts(review, workspace=file, memory=memory)
    formats = Formats(words.locale, currency=review.formats.currency)
    ways = _ways(findings, settled, memory)
    kinds: dict[str, list[dict[str, Any]]] = {}
    for alert in findings.alerts:
        way = ways.get(alert.alert_id, {"channels": [], "is_sent": False})
        kinds.setdefault(alert.when, []).append({**_told(alert, words, formats), **way})
    missing = [{"when": one.when, "text": one.texts[words.locale]} for one in findings.missing]
    shown = [{"when": when, "n": len(alerts), "found": alerts[:_MOST]} for when, alerts in kinds.items()]
    gets_report = any(run.deliver or run.deliver_each for run in settled.reports.values())
    n_to_nobody = 0 if gets_report else sum(one.alert_id not in ways for one in findings.alerts)
    return {"n": len(findings.alerts), "n_to_nobody": n_to_nobody, "kinds": shown, "missing": missing}


def _ways(findings: "Findings", settled: Workspace, memory: "AlertMemory") -> dict[str, dict[str, Any]]:
    """Alert -> the channels that would get it, and whether all of them have it already."""
    from oppnb.delivery.routing import route

    targets: dict[str, list[tuple[str, bool]]] = {}
    for target, alerts in route(findings, settled)[0].items():
        for alert in alerts:
            was_sent = memory.was_sent(alert, target.key, findings.scope)
            targets.setdefault(alert.alert_id, []).append((target.channel, was_sent))
    return {
        key: {"channels": sorted({name for name, _ in ways}), "is_sent": all(was_sent for _, was_sent in ways)}
        for key, ways in targets.items()
    }


def _told(alert: "FoundAlert", words: Words, formats: Formats) -> dict[str, Any]:
    deal = None
    if alert.opportunity_id is not None:
        deal = alert.name or alert.opportunity_id
        deal += "" if alert.amount is None else f" · {formats.money(alert.amount)}"
    return {"text": alert.texts[words.locale], "deal": deal}
