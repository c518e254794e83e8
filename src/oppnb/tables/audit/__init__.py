"""The data audit: every row against every rule; what was found is counted, what was done is said."""

from oppnb.tables.audit.rejected import write_rejected, write_rejected_rows
from oppnb.tables.audit.result import AuditResult
from oppnb.tables.audit.rules import RULES
from oppnb.tables.audit.run import audit_tables
from oppnb.tables.audit.spelling import likely_spellings

__all__ = ["RULES", "AuditResult", "audit_tables", "likely_spellings", "write_rejected", "write_rejected_rows"]
