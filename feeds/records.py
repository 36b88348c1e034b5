"""Records: dataclasses that the type checker lets nobody change.

`@dataclass(frozen=True)` forbids the same while the program runs, and costs every start and every object: two more
functions to compile for each type, and a call for each field.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar, dataclass_transform

if TYPE_CHECKING:
    from collections.abc import Callable

_Type = TypeVar("_Type")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(*, kw_only: bool = False, order: bool = False) -> Callable[[type[_Type]], type[_Type]]:
    """Make a dataclass with slots and a hash."""
    return dataclass(slots=True, unsafe_hash=True, kw_only=kw_only, order=order)
