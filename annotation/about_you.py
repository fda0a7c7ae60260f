"""What people may say of themselves: the fields and their choices. Pure; keys are stored, words are shown."""

FIELDS: dict[str, tuple[str, dict[str, str]]] = {
    "age": (
        "Age",
        {"18-24": "18 to 24", "25-34": "25 to 34", "35-44": "35 to 44", "45-54": "45 to 54", "55-64": "55 to 64",
         "65": "65 or older"},
    ),
    "gender": ("Gender", {"woman": "Woman", "man": "Man", "nonbinary": "Non-binary", "other": "Another"}),
    "region": (
        "Where you live",
        {"africa": "Africa", "asia-east": "East and South-East Asia", "asia-south": "South and Central Asia",
         "asia-west": "West Asia", "europe-east": "Eastern Europe", "europe": "Northern, Southern and Western Europe",
         "latin-america": "Latin America and the Caribbean", "north-america": "Northern America", "oceania": "Oceania"},
    ),
    "language": (
        "First language",
        {"ar": "Arabic", "bn": "Bengali", "zh": "Chinese", "nl": "Dutch", "en": "English", "fr": "French",
         "de": "German", "el": "Greek", "he": "Hebrew", "hi": "Hindi", "id": "Indonesian or Malay", "it": "Italian",
         "ja": "Japanese", "ko": "Korean", "fa": "Persian", "pl": "Polish", "pt": "Portuguese", "pa": "Punjabi",
         "ru": "Russian", "es": "Spanish", "sw": "Swahili", "sv": "Swedish", "tr": "Turkish", "uk": "Ukrainian",
         "ur": "Urdu", "vi": "Vietnamese", "other": "Another"},
    ),
    "education": (
        "Education",
        {"school": "School", "vocational": "Vocational training", "bachelor": "Bachelor's degree",
         "master": "Master's degree", "doctorate": "Doctorate"},
    ),
}  # fmt: skip
SILENT = "did not say"


def words(field: str, value: str) -> str:
    return FIELDS[field][1].get(value, SILENT)
