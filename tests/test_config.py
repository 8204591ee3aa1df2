import os
from pathlib import Path

import pytest

from config import Settings, SettingsError, settings

# Variable -> (a value that is taken, what it becomes, a value that is refused or None)
VARIABLES = {
    "TOTALVIEW_HOME": ("/srv/totalview", Path("/srv/totalview"), None),
    "TOTALVIEW_HOST": ("0.0.0.0", "0.0.0.0", None),  # noqa: S104  a value to read
    "TOTALVIEW_PORT": ("9000", 9000, "0"),
    "TOTALVIEW_PUBLIC_URL": ("https://calls.example.org", "https://calls.example.org", None),
    "TOTALVIEW_LOG_LEVEL": ("DEBUG", "DEBUG", "LOUD"),
    "DATABASE_URL": ("postgresql://u:p@h/d", "postgresql://u:p@h/d", "mysql://u:p@h/d"),
    "REDIS_URL": ("redis://h:6379/0", "redis://h:6379/0", "h:6379"),
    "TOTALVIEW_MAX_UPLOAD_BYTES": ("5000000", 5_000_000, "-1"),
    "WHISPER_MODEL": ("small.en", "small.en", None),
    "TOTALVIEW_LOCAL_CALLS": ("3", 3, "0"),
    "TOTALVIEW_MAX_ATTEMPTS": ("7", 7, "0"),
    "TOTALVIEW_RETRY_SECONDS": ("2.5", 2.5, "0"),
    "TOTALVIEW_LEASE_SECONDS": ("60", 60.0, "1"),
    "TOTALVIEW_RESCUE_SECONDS": ("10", 10, "0"),
    "OIDC_ISSUER": ("", "", "http://login.example.org"),
    "OIDC_CLIENT_SECRET": ("s3cret", "s3cret", None),
    "OIDC_NAME": ("Example Works", "Example Works", ""),
    "OIDC_SCOPES": ("openid email groups", "openid email groups", "email profile"),
    "OIDC_TRUST_EMAIL": ("true", True, "perhaps"),
}
FIELDS = {str(field.validation_alias): name for name, field in Settings.model_fields.items()}


def fresh(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Settings:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    return settings()


def test_the_variables_tried_here_are_the_settings_own():
    assert set(VARIABLES) <= set(FIELDS)


@pytest.mark.parametrize("variable", FIELDS)
def test_every_variable_says_what_it_does(variable: str):
    assert Settings.model_fields[FIELDS[variable]].description.endswith((".", ")"))
    assert variable == variable.upper()


@pytest.mark.parametrize("variable", VARIABLES)
def test_a_variable_is_read(monkeypatch, variable: str):
    given, becomes, _ = VARIABLES[variable]
    assert getattr(fresh(monkeypatch, **{variable: given}), FIELDS[variable]) == becomes


@pytest.mark.parametrize("variable", VARIABLES)
def test_a_variable_is_read_from_the_file_beside_it(monkeypatch, tmp_path: Path, variable: str):
    given, becomes, _ = VARIABLES[variable]
    (tmp_path / "secret").write_text(f"{given}\n", encoding="utf-8")
    assert getattr(fresh(monkeypatch, **{f"{variable}_FILE": str(tmp_path / "secret")}), FIELDS[variable]) == becomes


@pytest.mark.parametrize(("variable", "refused"), [(name, row[2]) for name, row in VARIABLES.items() if row[2]])
@pytest.mark.parametrize("by_file", [False, True])
def test_a_value_that_cannot_be_used_is_refused_by_its_variables_name(
    monkeypatch, tmp_path, variable, refused, by_file
):
    (tmp_path / "secret").write_text(refused, encoding="utf-8")
    given = {f"{variable}_FILE": str(tmp_path / "secret")} if by_file else {variable: refused}
    with pytest.raises(SettingsError, match=rf"^{variable}: .+\.$") as error:
        fresh(monkeypatch, **given)
    assert "Traceback" not in str(error.value)


@pytest.mark.parametrize("variable", ["TOTALVIEW_PORT", "TOTALVIEW_LEASE_SECONDS", "TOTALVIEW_MAX_ATTEMPTS"])
@pytest.mark.parametrize("value", ["many", "", "1e999", "nan", "9" * 5000])
def test_what_is_no_number_is_refused_in_words(monkeypatch, variable: str, value: str):
    with pytest.raises(SettingsError, match=rf"^{variable}: "):
        fresh(monkeypatch, **{variable: value})


def test_a_variable_itself_goes_before_its_file(monkeypatch, tmp_path: Path):
    (tmp_path / "secret").write_text("9001", encoding="utf-8")
    assert fresh(monkeypatch, TOTALVIEW_PORT="9000", TOTALVIEW_PORT_FILE=str(tmp_path / "secret")).port == 9000


@pytest.mark.parametrize("kind", ["absent", "a folder", "no text"])
def test_a_file_that_cannot_be_read_is_named(monkeypatch, tmp_path: Path, kind: str):
    path = tmp_path / "secret"
    if kind == "a folder":
        path.mkdir()
    if kind == "no text":
        path.write_bytes(b"\xff\xfe\x00secret")
    with pytest.raises(SettingsError, match=rf"^DATABASE_URL_FILE names {path}, which cannot be read") as error:
        fresh(monkeypatch, DATABASE_URL_FILE=str(path))
    assert str(error.value).endswith(".")


def test_a_secret_is_in_no_error(monkeypatch, tmp_path: Path):
    (tmp_path / "secret").write_text("hunter2", encoding="utf-8")
    with pytest.raises(SettingsError) as error:
        fresh(monkeypatch, TOTALVIEW_PORT_FILE=str(tmp_path / "secret"))
    assert "hunter2" not in str(error.value)


def test_secrets_are_marked_as_such():
    secret = {name for name, field in Settings.model_fields.items() if (field.json_schema_extra or {}).get("secret")}
    assert {"database_url", "redis_url", "sftp_private_key_passphrase"} <= secret
    for name in set(Settings.model_fields) - {"sftp_host_key"}:  # that one is public
        assert name in secret or not name.endswith(("_key", "_password", "_secret", "_token"))


def test_nothing_set_is_a_machine_that_runs_by_itself():
    found = settings()
    assert (found.database_url, found.redis_url, found.host, found.port) == ("", "", "127.0.0.1", 8501)
    assert (found.max_upload_bytes, found.max_attempts, found.rescue_seconds) == (0, 5, 30)
    assert found.local_calls >= 1
    assert found.lease_seconds > found.rescue_seconds / 2


def test_settings_are_read_once_and_cannot_be_changed(monkeypatch):
    first = fresh(monkeypatch, TOTALVIEW_PORT="9000")
    os.environ["TOTALVIEW_PORT"] = "9001"
    assert settings() is first
    with pytest.raises(Exception, match="frozen"):
        first.port = 1


def test_variables_of_others_are_left_alone(monkeypatch):
    fresh(monkeypatch, TOTALVIEW_UNKNOWN="x", PORT="1")


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ({}, "http://localhost:8501"),
        ({"TOTALVIEW_HOST": "::1"}, "http://localhost:8501"),
        ({"TOTALVIEW_HOST": "10.0.0.5", "TOTALVIEW_PORT": "80"}, "http://10.0.0.5:80"),
        ({"TOTALVIEW_HOST": "0.0.0.0"}, "http://localhost:8501"),  # noqa: S104  every address, this machine's too
        ({"TOTALVIEW_HOST": "::"}, "http://localhost:8501"),
        ({"TOTALVIEW_HOST": "fd00::5"}, "http://[fd00::5]:8501"),
        ({"TOTALVIEW_PUBLIC_URL": "https://calls.example.org/"}, "https://calls.example.org"),
    ],
)
def test_the_address_that_people_use(monkeypatch, given: dict, address: str):
    assert fresh(monkeypatch, **given).address == address


def test_home_is_made_absolute(monkeypatch, tmp_path: Path):
    monkeypatch.chdir(tmp_path)
    assert fresh(monkeypatch, TOTALVIEW_HOME="data").folder == tmp_path / "data"
    monkeypatch.setenv("HOME", str(tmp_path))
    assert fresh(monkeypatch, TOTALVIEW_HOME="~/calls").folder == tmp_path / "calls"


@pytest.mark.parametrize("issuer", ["login.example.org", "https://", "ftp://login.example.org", "http://10.0.0.1"])
def test_an_identity_provider_is_reached_safely_or_not_at_all(monkeypatch, issuer: str):
    with pytest.raises(SettingsError, match=r"^OIDC_ISSUER: Give an address that begins with https://"):
        fresh(monkeypatch, OIDC_ISSUER=issuer, OIDC_CLIENT_ID="totalview")


def test_an_identity_provider_needs_the_client_it_knows(monkeypatch):
    with pytest.raises(SettingsError, match=r"^OIDC_CLIENT_ID: OIDC_ISSUER is set, so that this is needed too"):
        fresh(monkeypatch, OIDC_ISSUER="https://login.example.org")


@pytest.mark.parametrize("issuer", ["https://login.example.org/realms/calls/", "http://127.0.0.1:9000"])
def test_with_both_there_is_single_sign_on(monkeypatch, issuer: str):
    found = fresh(monkeypatch, OIDC_ISSUER=issuer, OIDC_CLIENT_ID="totalview")
    assert (found.single_sign_on, found.oidc_issuer) == (True, issuer.rstrip("/"))
    assert not fresh(monkeypatch, OIDC_ISSUER="").single_sign_on
