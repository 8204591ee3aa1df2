"""What a file's name, or a row of a CSV, says of a recording."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Told:
    """What a file's name, or a row of a CSV, says of a recording."""

    agent: str = ""  # as the source names them: a name, a login, an e-mail address
    called_at: datetime | None = None  # aware, UTC
    external_id: str | None = None
    details: Mapping[str, str] = field(default_factory=dict)  # customer, direction, and whatever nothing else claims
    notes: tuple[str, ...] = ()  # sentences: what could not be understood

    def over(self, other: Self) -> Self:
        """This one's facts, and the other's where this one is silent."""
        return type(self)(
            agent=self.agent or other.agent,
            called_at=self.called_at or other.called_at,
            external_id=self.external_id or other.external_id,
            details={**other.details, **self.details},
            notes=tuple(dict.fromkeys((*self.notes, *other.notes))),
        )

    def as_json(self) -> dict[str, Any]:
        """As a JSON column keeps it."""
        return {
            "agent": self.agent,
            "called_at": self.called_at.astimezone(UTC).isoformat() if self.called_at else None,
            "external_id": self.external_id,
            "details": dict(self.details),
            "notes": list(self.notes),
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """What `as_json` made; what is left out is not told."""
        called_at = kept.get("called_at")
        return cls(
            agent=kept.get("agent") or "",
            called_at=datetime.fromisoformat(called_at).astimezone(UTC) if called_at else None,
            external_id=kept.get("external_id"),
            details=dict(kept.get("details") or {}),
            notes=tuple(kept.get("notes") or ()),
        )
