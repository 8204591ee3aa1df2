"""Signatures as Standard Webhooks writes them: HMAC-SHA256 over `id.timestamp.body`. Pure."""

import base64
import hmac
from collections.abc import Sequence
from datetime import datetime

from records.webhooks import SECRET_PREFIX


def headers(event_id: str, moment: datetime, body: bytes, secrets: Sequence[str]) -> dict[str, str]:
    """The three headers of a message; one signature a secret, so that a receiver may hold any of them."""
    timestamp = str(int(moment.timestamp()))
    signed = b".".join([event_id.encode(), timestamp.encode(), body])
    return {
        "webhook-id": event_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{_signature(secret, signed)}" for secret in secrets),
    }


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    return base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
