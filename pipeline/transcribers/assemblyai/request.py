"""What is asked of AssemblyAI for a recording: model, language, speakers, phrases, redaction. Pure."""

from collections.abc import Iterable

import assemblyai as sdk

from pipeline.sound.contract import Layout
from pipeline.transcribers.contract import Order, Wishes

DEFAULT, FALLBACK = "universal-3-pro", "universal"  # the fallback knows the languages that the first does not
NOT_SAID = ("", "auto", "detect", "multi")
REGIONS = {"en-us": "en_us", "en-gb": "en_uk", "en-uk": "en_uk", "en-au": "en_au", "de-ch": "de_ch"}
MOST_PHRASES, MOST_WORDS = 1_000, 6
PROMPTED = ("universal-3", "slam-1")  # models that listen for phrases begin so

POLICIES = (  # what tells who a person is, or what opens an account; not what a check of quality must be able to read
    *("person_name", "person_age", "date_of_birth", "phone_number", "email_address", "username", "password"),
    *("account_number", "banking_information", "credit_card_number", "credit_card_cvv", "credit_card_expiration"),
    *("us_social_security_number", "passport_number", "drivers_license", "healthcare_number", "vehicle_id"),
    *("number_sequence", "ip_address", "location_address", "location_address_street", "location_zip"),
    *("location_coordinate", "medical_condition", "medical_process", "drug", "injury", "blood_type"),
    *("religion", "political_affiliation", "sexuality", "gender_sexuality", "nationality", "marital_status"),
)


def config(order: Order, *, redact: bool = False, webhook_url: str = "") -> sdk.TranscriptionConfig:
    """The request's options. Entities, summaries and the like are never asked for: redaction does not reach them."""
    wishes = order.wishes
    models = list(dict.fromkeys((chosen(wishes), FALLBACK)))
    made = sdk.TranscriptionConfig(punctuate=True, format_text=True, speech_models=models)
    made.raw.multichannel = by_channel(order) or None
    made.raw.speaker_labels = not by_channel(order) or None
    made.raw.language_code = language_code(wishes.language) or None
    made.raw.language_detection = made.raw.language_code is None or None
    made.raw.keyterms_prompt = keyterms(wishes) or None
    if redact:
        made.set_redact_pii(
            policies=[sdk.PIIRedactionPolicy(policy) for policy in POLICIES],
            substitution=sdk.PIISubstitutionPolicy.entity_name,
            redact_audio=True,
        )
    if webhook_url:
        made.set_webhook(webhook_url)
    return made


def by_channel(order: Order) -> bool:
    """Whether each channel is a speaker; any other recording is one sound, whose speakers are told by voice."""
    return order.sound.layout is Layout.DUAL


def chosen(wishes: Wishes) -> str:
    """The campaign's model, or the default."""
    return wishes.model.strip() or DEFAULT


def language_code(language: str) -> str:
    """AssemblyAI's name of the language; empty means that it shall find out."""
    plain = language.strip().lower().replace("_", "-")
    return "" if plain in NOT_SAID else REGIONS.get(plain, plain.split("-")[0])


def language_of(code: str) -> str:
    """What a transcript calls a language that AssemblyAI calls so: 'en_uk' is 'en-GB'."""
    language, _, region = code.strip().lower().replace("-", "_").partition("_")
    return f"{language}-{'GB' if region == 'uk' else region.upper()}" if region else language


def keyterms(wishes: Wishes) -> list[str]:
    """The phrases that this model is told of; longer ones than it takes are found in the text alone."""
    return list(_bounded(wishes.keyterms))[:MOST_PHRASES] if chosen(wishes).startswith(PROMPTED) else []


def _bounded(phrases: Iterable[str]) -> dict[str, None]:
    plain = (" ".join(phrase.split()) for phrase in phrases)
    return dict.fromkeys(phrase for phrase in plain if phrase and len(phrase.split()) <= MOST_WORDS)
