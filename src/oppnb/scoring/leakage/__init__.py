"""Fields that know the outcome are found by evidence and kept out, each with its reason."""

from oppnb.scoring.leakage.audit import FieldVerdict, LeakageAudit, Verdict, audit_leakage
from oppnb.scoring.leakage.evidence import Evidence
from oppnb.scoring.leakage.final import final_fields

__all__ = ["Evidence", "FieldVerdict", "LeakageAudit", "Verdict", "audit_leakage", "final_fields"]
