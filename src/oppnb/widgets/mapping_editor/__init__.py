"""The mapping by hand: an export's headers beside the canonical columns, and what the audit says of it."""

from oppnb.widgets.mapping_editor.widget import MappingEditor

__all__ = ["MappingEditor"]
