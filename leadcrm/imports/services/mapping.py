"""Which column goes where, and what every lead of the file gets besides: made by suggest.py and changed by people."""

from dataclasses import asdict, dataclass, field
from typing import Any

from leadcrm.imports.services.targets import OWN, Target, targets


@dataclass
class Column:
    """Where one column goes, by what its numbers are multiplied, and what its words mean."""

    target: str = ""
    times: int = 1
    words: dict[str, str] = field(default_factory=dict)


@dataclass
class Mapping:
    """By column title. `fixed` holds, as typed, what a lead gets when the file says nothing."""

    columns: dict[str, Column] = field(default_factory=dict)
    fixed: dict[str, str] = field(default_factory=dict)
    decimal: str = ","

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Mapping":
        columns = {title: Column(**column) for title, column in kept.get("columns", {}).items()}
        return cls(columns, dict(kept.get("fixed", {})), kept.get("decimal", ","))

    def used(self) -> dict[str, str]:
        """Title by target of every column that goes somewhere."""
        return {column.target: title for title, column in self.columns.items() if column.target}

    def missing(self) -> list[Target]:
        """What the leads of this file need and neither a column nor a fixed value gives."""
        return [target for target in self.needed() if target.key not in self.used() and not self.fixed.get(target.key)]

    def needed(self) -> list[Target]:
        """Required fields of the lead, of the office itself, and of the parts that columns fill. The amount of a loan
        part can be derived."""
        parts = {"lead", OWN.key} | {key.partition(".")[0] for key in self.used()}
        return [
            target
            for target in targets().values()
            if target.required and target.part.key in parts and target.key != "loan_part.amount"
        ]
