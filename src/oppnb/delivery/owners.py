"""What the owners and the customers of deals are called."""

from collections.abc import Mapping

from oppnb.review import Review

__all__ = ["account_names", "owner_names"]


def owner_names(review: Review) -> Mapping[str, str]:
    """owner_id -> name, of those whom the table `owners` names."""
    return _names(review, "owners", "owner_id")


def account_names(review: Review) -> Mapping[str, str]:
    """opportunity_id -> what its customer is called: the name in the table `accounts`, else `account_id`."""
    if "account_id" not in review.snapshot:
        return {}
    named = _names(review, "accounts", "account_id")
    deals = review.snapshot[["opportunity_id", "account_id"]].dropna()
    return {str(deal): named.get(str(key), str(key)) for deal, key in deals.itertuples(index=False, name=None)}


def _names(review: Review, table: str, key: str) -> dict[str, str]:
    if table not in review.tables or "name" not in review.tables[table]:
        return {}
    named = review.tables[table][[key, "name"]].dropna()
    return {str(one): str(name) for one, name in named.itertuples(index=False, name=None)}
