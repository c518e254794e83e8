"""Make the whole synthetic pipeline."""

from dataclasses import dataclass

import numpy as np

from oppnb.sources.synthetic.accounts import accounts_table
from oppnb.sources.synthetic.activities import activities_table
from oppnb.sources.synthetic.after_close import payments_table, subscriptions_table, tickets_table
from oppnb.sources.synthetic.chain import Chain, make_chain
from oppnb.sources.synthetic.contacts import contact_counts, contacts_table
from oppnb.sources.synthetic.deals import open_deals
from oppnb.sources.synthetic.evidence import evidence_table
from oppnb.sources.synthetic.leads import leads_table
from oppnb.sources.synthetic.line_items import line_items_table, quoted_total
from oppnb.sources.synthetic.lives import Lives, live
from oppnb.sources.synthetic.money import exchange_rates_table, targets_table
from oppnb.sources.synthetic.opportunities import opportunities_table
from oppnb.sources.synthetic.people import hire_sellers, owners_table
from oppnb.sources.synthetic.records import history_table, keep_records
from oppnb.sources.synthetic.settings import SyntheticSettings
from oppnb.sources.synthetic.spans import active_weeks
from oppnb.sources.synthetic.truth import SyntheticTruth, tell_truth
from oppnb.sources.synthetic.weeks import Weeks
from oppnb.tables import Tables

__all__ = ["SyntheticPipeline", "make_pipeline"]


@dataclass(frozen=True)
class SyntheticPipeline:
    """A pipeline with known truth.

    Attributes
    ----------
    tables : Tables
        All canonical tables, as a faultless CRM would export them on the last day.
    truth : SyntheticTruth
        The law they were made by.
    settings : SyntheticSettings
        What they were made with.
    chain, lives : Chain, Lives
        The law itself and what became of it; `win_probability` asks them.
    """

    tables: Tables
    truth: SyntheticTruth
    settings: SyntheticSettings
    chain: Chain
    lives: Lives


def make_pipeline(settings: SyntheticSettings | None = None) -> SyntheticPipeline:
    """Make accounts, sellers, deals and their lives, what the CRM recorded of them, and the truth.

    Parameters
    ----------
    settings : SyntheticSettings, optional
        By default the settings of `data/sample`. The same settings give the same tables, value for value.

    Returns
    -------
    SyntheticPipeline
        Nothing in its tables lies after the last day, but what people then believed or agreed of the future:
        `expected_close_on`, `next_step_due_on`, `due_on`, `starts_on`, `ends_on`, quotas.

    Examples
    --------
    >>> from datetime import date
    >>> made = make_pipeline(SyntheticSettings(n_opportunities=200, end=date(2023, 12, 31)))
    >>> len(made.tables["opportunities"])
    200
    >>> made.tables["opportunities"]["opportunity_id"].iloc[6]
    '00007'
    """
    settings = settings or SyntheticSettings()
    weeks = Weeks.of(settings)
    sellers = hire_sellers(settings, weeks)
    accounts = accounts_table(settings)
    deals = open_deals(settings, weeks, accounts, sellers)
    chain = make_chain(settings, deals)
    lives = live(settings, weeks, deals, chain)
    line_items = line_items_table(settings, weeks, deals, lives)
    total = quoted_total(deals, line_items)
    final = np.where(np.isnan(total), np.round(deals.quote, -1), total)
    records = keep_records(settings, weeks, deals=deals, chain=chain, lives=lives, sellers=sellers, final_amount=final)
    opportunities = opportunities_table(
        settings, weeks, deals=deals, chain=chain, lives=lives, records=records, sellers=sellers, accounts=accounts
    )
    span = active_weeks(weeks, chain, lives)
    n_contacts = contact_counts(settings, deals)
    subscriptions = subscriptions_table(settings, opportunities)
    frames = {
        "opportunities": opportunities,
        "opportunity_history": history_table(settings, deals, records, sellers),
        "activities": activities_table(settings, weeks, deals=deals, span=span, sellers=sellers, n_contacts=n_contacts),
        "accounts": accounts,
        "contacts": contacts_table(settings, deals, n_contacts),
        "evidence": evidence_table(settings, weeks, deals=deals, span=span),
        "line_items": line_items,
        "owners": owners_table(settings, sellers, weeks),
        "targets": targets_table(settings, weeks, sellers),
        "payments": payments_table(settings, opportunities),
        "leads": leads_table(settings, weeks, deals),
        "subscriptions": subscriptions,
        "tickets": tickets_table(settings, subscriptions),
        "exchange_rates": exchange_rates_table(settings),
    }
    truth = tell_truth(settings, weeks, deals=deals, chain=chain, lives=lives)
    return SyntheticPipeline(Tables(frames, exported_on=settings.end), truth, settings, chain, lives)
