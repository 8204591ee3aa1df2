"""What the endings of names promise. Whether a file is a recording its bytes decide."""

HEADERLESS = {  # ffmpeg's format and its options. Telephone systems keep such files, and only the name tells.
    "g722": ("g722", {}),
    "g729": ("g729", {}),
    "gsm": ("gsm", {}),
    "ul": ("mulaw", {"sample_rate": "8000"}),
    "ulaw": ("mulaw", {"sample_rate": "8000"}),
    "mulaw": ("mulaw", {"sample_rate": "8000"}),
    "pcmu": ("mulaw", {"sample_rate": "8000"}),
    "al": ("alaw", {"sample_rate": "8000"}),
    "alaw": ("alaw", {"sample_rate": "8000"}),
    "pcma": ("alaw", {"sample_rate": "8000"}),
    "sln": ("s16le", {"sample_rate": "8000"}),
    "sln16": ("s16le", {"sample_rate": "16000"}),
}
SOUND = frozenset(
    (
        *(f".{ending}" for ending in HEADERLESS),
        *(".wav", ".wave", ".wav49", ".w64", ".rf64", ".bwf", ".mp3", ".mp2", ".mpga", ".m4a", ".m4b", ".aac", ".adts"),
        *(".flac", ".alac", ".ogg", ".oga", ".opus", ".spx", ".wma", ".asf", ".amr", ".awb", ".au", ".snd", ".aif"),
        *(".aiff", ".aifc", ".caf", ".ape", ".wv", ".ac3", ".mka", ".weba", ".3ga", ".dss", ".ds2", ".vox", ".sph"),
        *(
            ".voc",
            ".tta",
            ".qcp",
            ".raw",
            ".mp4",
            ".mov",
            ".webm",
            ".3gp",
        ),  # telephone systems record calls as these too
    )
)
VIDEO = frozenset({".m4v", ".mkv", ".avi", ".wmv", ".3g2", ".mpg", ".mpeg", ".ts", ".flv"})
