"""What the owners of deals are called."""

from collections.abc import Mapping

from oppnb.review import Review

__all__ = ["owner_names"]


def owner_names(review: Review) -> Mapping[str, str]:
    """owner_id -> name, of those whom the table `owners` names."""
    owners = review.tables.get("owners")
    if owners is None or "name" not in owners:
        return {}
    named = owners[["owner_id", "name"]].dropna()
    return {str(owner): str(name) for owner, name in named.itertuples(index=False, name=None)}
