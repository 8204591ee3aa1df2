"""How well-known recording systems name their files."""

from dataclasses import dataclass

_GUID = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_STAMP = r"\d{8}-\d{6}"  # 20251104-103108


@dataclass(frozen=True)
class Preset:
    """A recording system's way with names: `pattern` as a person would write their own (see names.py)."""

    label: str
    pattern: str
    example: str  # a path below the campaign's folder
    formats: tuple[str, ...] = ()  # as strptime reads them; none: the time says by itself how it is to be read
    note: str = ""


PRESETS = {
    "five9": Preset(
        "Five9",
        r"(?i)^(?:(?:.*/)?(?P<call_date>\d{1,2}_\d{1,2}_\d{4})/)?(?:.*/)?(?P<customer>\+?\d*)"
        r"(?P<source_campaign>(?:(?P<direction>inbound|outbound)\b)?[^/]*) by (?P<agent>[^/]*?) ?@ "
        rf"(?P<call_time>\d{{1,2}}_\d\d_\d\d ?[ap]m)[ _-]?(?P<external_id>{_GUID}|[0-9a-f]{{32}})?"
        rf"(?:_?Transfer to (?P<transfer_to>[^/]*?)(?:[ _-]{_GUID})?)?(?:\.\w+)?$",
        "11_4_2025/4436170733 by cdeer @ 7_16_55 AM.wav",
        ("%m_%d_%Y %I_%M_%S %p", "%m_%d_%Y %I_%M_%S%p"),
        "The day is the folder's, as M_D_YYYY; without such a folder the time of the call is not known. "
        "Times are local: the campaign's time zone must be that of the Five9 domain.",
    ),
    "vicidial": Preset(
        "VICIdial",
        rf"(?:^|/)(?P<called_at>{_STAMP})_(?P<customer>[^_/.-]*)(?:_(?P<source_campaign>[^_/.]*?))?"
        r"(?:_(?P<agent>[^/]*?))?(?:-(?:all|in|out))?(?:\.\w{2,4})?$",
        "20251104-103108_3125551212_SALES_6666-all.mp3",
        note="FULLDATE_CUSTPHONE, or FULLDATE_CUSTPHONE_CAMPAIGN_AGENT. Times are the server's local time.",
    ),
    "asterisk": Preset(
        "Asterisk, FreePBX, Issabel",
        rf"(?:^|/)(?P<direction>out)-(?P<customer>[^-/]*)-(?P<agent>[^-/]*)-(?P<called_at>{_STAMP})"
        r"-(?P<external_id>(?:[\w-]+-)?\d+\.\d+)"
        "\n"
        rf"(?:^|/)(?P<direction>in|external|internal|exten)-(?P<agent>[^-/]*)-(?P<customer>[^-/]*)-(?P<called_at>{_STAMP})"
        r"-(?P<external_id>(?:[\w-]+-)?\d+\.\d+)"
        "\n"
        rf"(?:^|/)(?:q-?|rg-)(?P<queue>[^-/]*)-(?P<customer>[^-/]*)-(?P<called_at>{_STAMP})"
        r"-(?P<external_id>(?:[\w-]+-)?\d+\.\d+)",
        "out-4165551234-3201-20250327-092517-1743042317.12206.wav",
        note="The agent is the extension. Calls of a queue or a ring group name no agent.",
    ),
    "amazon_connect": Preset(
        "Amazon Connect",
        rf"(?:^|/)(?P<external_id>{_GUID})_(?P<called_at>\d{{8}}T\d\d(?::|_|-|%3A)?\d\d(?:_UTC)?)",
        "2024/01/26/4a573372-1f28-4e26-b97b-92f0c1d8e6a1_20240126T03:07_UTC.wav",
        ("%Y%m%dT%H:%M", "%Y%m%dT%H_%M", "%Y%m%dT%H-%M", "%Y%m%dT%H%%3A%M", "%Y%m%dT%H%M"),
        "The external id is the contact's. Stereo: the agent is on the right.",
    ),
    "genesys_cloud": Preset(
        "Genesys Cloud",
        r"(?:^|/)conversation_id=(?P<external_id>[^/]+)/(?P<recording>[^/]+?)(?:\.\w+)?$",
        "conversation_id=8d2b2f3c-6f0e-4a57-9c3e-51b8c9a1d7f0/0f6f4b8e-2d53-4a0f-8f0b-3f1b5f0f9a11.wav",
        note="The external id is the conversation's. The name says neither the agent nor the time.",
    ),
    "puzzel": Preset(
        "Puzzel",
        r"(?:^|/)(?P<external_id>[^_/]+)_(?P<recording>\d+)(?:\.\w+)?$",
        "20211103141530123_1.wav",
        note="The external id is the session's, whose recordings are numbered. "
        "The name says neither the agent nor the time. Stereo: the caller is on the left.",
    ),
    "8x8": Preset(
        "8x8 Work",
        r"(?:^|/)(?P<called_at>\d{13})-(?P<external_id>\d+)-(?P<agent>\d+)-(?P<customer>[^_/]*)_[A-Z](?:\.\w+)?$",
        "1667337742543-1666686434952-117209-+16695555518_E.mp3",
        note="The external id is the call's, the agent is the user's number.",
    ),
    "raisetalk": Preset(
        "Raisetalk",
        r"(?:^|/)(?P<called_at>\d{4}_\d\d_\d\d_\d\d_\d\d_\d\d)_(?P<agent_first_name>[^_/]+)_(?P<agent_last_name>[^/]+?)_"
        r"(?P<direction>(?i:entrant|sortant|inbound|outbound|interne|internal))_(?P<number>[^_/]*)_(?P<customer>[^_/]*)"
        r"_(?P<external_id>[^_/]+?)(?:\.\w+)?$",
        "2026_02_11_15_20_33_Jean-Pierre_Dupont_Entrant_478_0682316817_163.mp3",
        ("%Y_%m_%d_%H_%M_%S",),
    ),
    "aws_pca": Preset(
        "AWS Post Call Analytics",
        "_GUID_(?P<external_id>.*?)_\n_AGENT_(?P<agent>.*?)_\n_CUST_(?P<customer>.*?)_\n"
        r"(?P<called_at>\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d)",
        "Call_GUID_5a3c_AGENT_bob_CUST_12345_2025-11-04T10-31-08.wav",
        ("%Y-%m-%dT%H-%M-%S",),
        "Its default expressions. Each may be missing from a name.",
    ),
}
