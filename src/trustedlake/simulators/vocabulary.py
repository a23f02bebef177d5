"""Words for titles and summaries; invented, with the characters that break careless readers."""

from __future__ import annotations

ADJECTIVES = ("Silent", "Last", "Golden", "Broken", "Distant", "Crimson", "Hidden", "Paper", "Frozen", "Restless")
NOUNS = ("Harbour", "Witness", "Winter", "Frontier", "Orchard", "Alibi", "Battalion", "Lantern", "Verdict", "River")
PLACES = ("São Vicente", "Kraków", "Øster Street", "the Old Mill", "Aix-en-Provence", "Block 9", "Ñuñoa", "Düsseldorf")

ORIGINAL_TITLES = {
    "ja": ("雨の証言", "沈黙の港", "最後の大隊", "千の灯"),
    "zh": ("无声的证人", "金色河流", "最后的边界"),
    "ko": ("마지막 증인", "겨울의 강", "조용한 항구"),
    "ru": ("Последний рубеж", "Тихая гавань"),
    "pt": ("O Último Verão", "A Testemunha", "Coração de Papel"),
    "fr": ("L'Été « perdu »", "Le Témoin", "À l'ombre du moulin"),
    "de": ("Der Fluß", "Stille Tage in Düsseldorf"),
}
"""Language -> original titles of films in that language, used beside an English title."""

LANGUAGES = ("en", "en", "en", "en", *ORIGINAL_TITLES)
LANGUAGE_NAMES = {
    "en": ("English", "English", "US"),
    "ja": ("Japanese", "日本語", "JP"),
    "zh": ("Mandarin", "普通话", "CN"),
    "ko": ("Korean", "한국어/조선말", "KR"),
    "ru": ("Russian", "Русский", "RU"),
    "pt": ("Portuguese", "Português", "BR"),
    "fr": ("French", "Français", "FR"),
    "de": ("German", "Deutsch", "DE"),
}
"""Language -> its English name, its own name, a country that speaks it."""

COUNTRIES = {
    "US": "United States of America",
    "JP": "Japan",
    "CN": "China",
    "KR": "South Korea",
    "RU": "Russia",
    "BR": "Brazil",
    "FR": "France",
    "DE": "Germany",
}

SENTENCES = (
    "A detective returns to the town where the trail once went cold.",
    "Two brothers, on opposite sides of the war, write letters that never arrive.",
    'She said "no" to the verdict; nobody listened.',
    "Nothing is what it seems\u00a0— least of all the truth.",
    "O farol apaga-se na noite em que o barco chega vazio.",
    "Er kennt das Geheimnis, aber er schweigt.",
    "雨が降り続く町で、時計だけが正しい時を刻む。",
    "Path C:\\archive\\1943 | reel 2; the rest\tis missing.",
    "What remains is a photograph 🎬 and a name.",
)
BREAKS = (" ", " ", "\n\n", "\r\n", "\n")
"""Separators between two sentences."""

TAGLINES = ("", "", "Every alibi has a price.", "No way back.", "It's never over — not even at “The End”.")
COMPANIES = ("Lighthouse Pictures", "Kino Nord", "Companhia do Farol", "三日月映画", "O'Brien & Sons Film")
NETWORKS = ("Channel Nine", "TV Nord", "Rede Azul")
PEOPLE = ("Ana Souza", "Jürgen Weiß", "山田 花子", "Seán O'Neill")
COLLECTIONS = (
    "Harbour Trilogy",
    "The Witness Collection",
    "灯シリーズ",
    "Brothers (Collection)",
    "Série Noire",
)
KEYWORDS = (
    "murder", "based on novel or book", "world war ii", "heist", "woman director", "prison escape", "film noir",
    "small town", "letter", "revenge", "army", "detective", "lighthouse", "court martial", "spy", "resistance",
    "year 1943", "police corruption", "rain", "brother brother relationship", "独白", "coup d'état", "alibi", "train",
)  # fmt: skip
