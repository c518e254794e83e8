"""What the hand may ask of a widget: methods marked `@command`, whose arguments are checked before they run."""

import inspect
import types
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from oppnb.errors import UsageError, nearest

__all__ = ["check_keywords", "checked", "command", "commands_of"]

_Method = TypeVar("_Method", bound=Callable[..., Any])


def command(method: _Method) -> _Method:
    """Mark a method that the front end may call by its name; its annotations say what it takes.

    Allowed annotations: `str`, `int`, `float`, `bool`, `list`, `dict`, `list[str]`, and any of them `| None`.
    What it returns (None, or a small dict) goes back to whoever asked.
    """
    method.is_command = True  # type: ignore[attr-defined]
    return method


def commands_of(cls: type) -> tuple[str, ...]:
    """Names of a class's commands, sorted."""
    members = {name: one for base in reversed(cls.__mro__) for name, one in vars(base).items()}
    return tuple(sorted(name for name, one in members.items() if getattr(one, "is_command", False)))


def checked(method: Callable[..., Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a command, if it takes them.

    Raises
    ------
    UsageError
        If a name is unknown or missing, or a value is of another kind; names it, never the value.

    Examples
    --------
    >>> def choose(bar: str, n: int = 1) -> None: ...
    >>> checked(choose, {"bar": "won"})
    {'bar': 'won'}
    """
    wanted = inspect.signature(method).parameters
    kinds = get_type_hints(method)
    unknown = [name for name in arguments if name not in wanted]
    missing = [name for name, one in wanted.items() if one.default is one.empty and name not in arguments]
    if unknown or missing:
        told = f"does not take '{unknown[0]}'" if unknown else f"needs '{missing[0]}'"
        raise UsageError(f"'{method.__name__}' {told}.")
    wrong = [name for name, value in arguments.items() if not _is_of(value, kinds.get(name, Any))]
    if wrong:
        raise UsageError(f"'{method.__name__}' cannot use what was given as '{wrong[0]}'.")
    return dict(arguments)


def _is_of(value: Any, kind: Any) -> bool:
    if kind is Any:
        return True
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return any(_is_of(value, one) for one in get_args(kind))
    if origin is list:
        return isinstance(value, list) and all(_is_of(one, get_args(kind)[0]) for one in value)
    if origin is dict:
        return isinstance(value, dict)
    if kind is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, kind)


def check_keywords(given: Mapping[str, Any], known: list[str], *, of: str) -> None:
    """Refuse an unknown keyword.

    Raises
    ------
    TypeError
        Names the nearest known one.

    Examples
    --------
    >>> check_keywords({"strat": 1}, ["start", "end"], of="PipelineBridge")
    Traceback (most recent call last):
    TypeError: PipelineBridge has no 'strat'. Did you mean 'start'?
    """
    for name in given:
        if name not in known:
            near = nearest(name, known)
            hint = f" Did you mean '{near}'?" if near else f" There are: {', '.join(known)}."
            raise TypeError(f"{of} has no '{name}'.{hint}")
