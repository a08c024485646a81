"""Which of Edge's voices speaks a language when none is chosen."""

_FALLBACK = "en-US-EmmaMultilingualNeural"
"""Speaks some forty languages, recognised from the text."""

# The first of a language also serves its other regions.
_VOICES = (
    "en-US-EmmaMultilingualNeural", "en-GB-SoniaNeural", "en-AU-NatashaNeural", "en-CA-ClaraNeural",
    "en-IN-NeerjaNeural", "en-IE-EmilyNeural", "en-NZ-MollyNeural", "en-ZA-LeahNeural",
    "de-DE-SeraphinaMultilingualNeural", "de-AT-IngridNeural", "de-CH-LeniNeural",
    "fr-FR-VivienneMultilingualNeural", "fr-CA-SylvieNeural", "fr-CH-ArianeNeural", "fr-BE-CharlineNeural",
    "es-ES-ElviraNeural", "es-MX-DaliaNeural", "es-AR-ElenaNeural", "es-US-PalomaNeural",
    "it-IT-ElsaNeural", "pt-BR-FranciscaNeural", "pt-PT-RaquelNeural", "nl-NL-ColetteNeural",
    "nl-BE-DenaNeural", "pl-PL-ZofiaNeural", "sv-SE-SofieNeural", "da-DK-ChristelNeural",
    "nb-NO-PernilleNeural", "fi-FI-NooraNeural", "cs-CZ-VlastaNeural", "sk-SK-ViktoriaNeural",
    "hu-HU-NoemiNeural", "ro-RO-AlinaNeural", "bg-BG-KalinaNeural", "el-GR-AthinaNeural",
    "tr-TR-EmelNeural", "ru-RU-SvetlanaNeural", "uk-UA-PolinaNeural", "he-IL-HilaNeural",
    "ar-SA-ZariyahNeural", "hi-IN-SwaraNeural", "id-ID-GadisNeural", "vi-VN-HoaiMyNeural",
    "th-TH-PremwadeeNeural", "ja-JP-NanamiNeural", "ko-KR-SunHiNeural", "zh-CN-XiaoxiaoNeural",
    "zh-TW-HsiaoChenNeural", "zh-HK-HiuMaanNeural", "ca-ES-JoanaNeural", "hr-HR-GabrijelaNeural",
    "sl-SI-PetraNeural", "et-EE-AnuNeural", "lv-LV-EveritaNeural", "lt-LT-OnaNeural",
)  # fmt: skip
_ALIASES = {"no": "nb", "nn": "nb", "iw": "he", "in": "id"}


def voice_for(language: str) -> str:
    """The default voice for a BCP 47 tag: of its region, else of its language, else a multilingual one."""
    wanted = language.replace("_", "-").lower()
    primary = wanted.partition("-")[0]
    primary = _ALIASES.get(primary, primary)
    for beginning in (f"{wanted}-", f"{primary}-"):
        for voice in _VOICES:
            if voice.lower().startswith(beginning):
                return voice
    return _FALLBACK
