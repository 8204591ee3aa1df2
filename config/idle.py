"""Settings that do nothing, since the one that they belong to is not set. Pure."""

from collections.abc import Iterator

from config import Settings

NEEDS = {  # what is worth nothing without it
    "sftp_host": ("sftp_username", "sftp_password", "sftp_private_key", "sftp_host_key"),
    "oidc_issuer": ("oidc_client_id", "oidc_client_secret"),
    "s3_bucket": ("s3_endpoint_url", "s3_prefix"),
    "assemblyai_api_key": ("assemblyai_base_url",),
    "deepgram_api_key": ("deepgram_base_url",),
}


def idle(known: Settings) -> Iterator[str]:
    """A sentence for each group of them."""
    for needed, others in NEEDS.items():
        given = [_variable(other) for other in others if getattr(known, other)]
        if given and not getattr(known, needed):
            verb = "is" if len(given) == 1 else "are"
            missing = _variable(needed)
            yield f"{', '.join(given)} {verb} set and {missing} is not: nothing comes of it. Set {missing} too."


def _variable(field: str) -> str:
    return str(Settings.model_fields[field].validation_alias)
