"""The page's own phrases in English and Portuguese. A phrase without a translation is an error."""

from __future__ import annotations

from trustedlake.markup import Markup, tag

PORTUGUESE = {
    # the lake
    "Skip to the tables": "Ir para as tabelas",
    "Nothing is open": "Nada em aberto",
    "open point": "ponto em aberto",
    "open points": "pontos em aberto",
    "Looked at": "Visto em",
    "tables": "tabelas",
    "table": "tabela",
    "partitions": "partições",
    "rows in Trusted": "linhas na Trusted",
    "records rejected": "registros rejeitados",
    "of Parquet": "de Parquet",
    "last run": "última execução",
    "no run yet": "nenhuma execução ainda",
    "exit": "saída",
    "Nothing is published, and nothing waits in Raw.": "Nada está publicado, e nada espera na Raw.",
    # open points
    "What needs you": "O que precisa de você",
    "since": "desde",
    "What the last run did": "O que a última execução fez",
    "and": "e",
    "more": "mais",
    "the whole table": "a tabela inteira",
    "problem": "problema",
    "waits in Raw": "espera na Raw",
    "see why": "ver por quê",
    "see the line for the contract": "ver a linha para o contrato",
    "after the fix": "depois de corrigir",
    "if it is intended": "se for intencional",
    "take it": "processar",
    # states
    "published": "publicado",
    "with rejected": "com rejeitados",
    "open warnings": "avisos abertos",
    "refused": "recusado",
    "pending": "pendente",
    "missing": "faltando",
    # a table
    "rows": "linhas",
    "rejected": "rejeitados",
    "files pending": "arquivos pendentes",
    "Days": "Dias",
    "Partitions": "Partições",
    "Earlier months": "Meses anteriores",
    "This table can't be looked at.": "Esta tabela não pode ser vista.",
    "Rows by day": "Linhas por dia",
    "Rows by run": "Linhas por execução",
    "Rejected share by day": "Parcela rejeitada por dia",
    "Rejected share by run": "Parcela rejeitada por execução",
    "highest": "máximo",
    "Why records were rejected": "Por que registros foram rejeitados",
    "in refused partitions, of which nothing was published": "em partições recusadas, das quais nada foi publicado",
    "counted by an earlier version, without reasons": "contados por uma versão anterior, sem motivos",
    "no value": "sem valor",
    "a blank text": "texto em branco",
    "not of the column's type": "não é do tipo da coluna",
    "out of bounds": "fora dos limites",
    "does not match the pattern": "não tem a forma esperada",
    "none of the allowed values": "nenhum dos valores permitidos",
    "too short": "curto demais",
    "a later record has the same value": "um registro posterior tem o mesmo valor",
    "two keys with different values": "duas chaves com valores diferentes",
    "the record itself is at fault": "o próprio registro tem defeito",
    # the proof
    "The proof, file by file": "A prova, arquivo por arquivo",
    "Each raw file: what was framed from its bytes is what was found again in the Parquet.": "Cada arquivo da Raw: o"
    " que foi lido dos seus bytes é o que foi encontrado de novo no Parquet.",
    "file": "arquivo",
    "files": "arquivos",
    "framed": "lidos",
    "trusted": "aceitos",
    "duplicates": "duplicados",
    "elsewhere": "de outra tabela",
    "not published": "não publicado",
    "Other partitions": "Outras partições",
    # runs
    "Where the time went": "Para onde foi o tempo",
    "The last runs, the newest first; each bar is as long as its run.": "As últimas execuções, a mais nova primeiro;"
    " cada barra é tão longa quanto a execução.",
    "started (UTC)": "início (UTC)",
    "seconds": "segundos",
    "mostly": "mais em",
    "listing": "listar",
    "starting the engine": "iniciar o motor",
    "framing": "ler registros",
    "accepting": "aceitar",
    "judging": "julgar",
    "proving": "provar",
    "publishing": "publicar",
    "other": "outros",
    "The same as numbers": "O mesmo em números",
    # the end
    "Made by": "Feito por",
    "One file, which loads nothing and sends nothing.": "Um só arquivo, que não carrega nem envia nada.",
}
"""English phrase -> Portuguese phrase."""


_UNITS = (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3))


def say(phrase: str) -> Markup:
    """Make a phrase of the page, for use inside a text."""
    return said("span", phrase)


def said(element: str, phrase: str, **attributes: object) -> Markup:
    """Make an element that contains one phrase of the page and nothing else."""
    if phrase not in PORTUGUESE:
        raise KeyError(phrase)
    return tag(element, phrase, data_t=True, **attributes)


def number(value: float, *, digits: int = 0, unit: str = "") -> Markup:
    """Make a number that the script formats for the reader's language."""
    return tag("span", f"{value:,.{digits}f}{unit}", class_="n")


def share(part: int, whole: int) -> str:
    """Format a share in percent: `0.3%`; a share above zero is never shown as zero."""
    percent = 100 * part / whole if whole else 0.0
    return "<0.1%" if 0 < percent < 0.05 else f"{percent:.1f}%"  # noqa: PLR2004


def size(count: int) -> Markup:
    """Format bytes in a suitable unit."""
    unit, factor = next(((unit, factor) for unit, factor in _UNITS if count >= factor), _UNITS[-1])
    return number(count / factor, digits=1, unit=f" {unit}")


def told(first: str, *segments: str | tuple[int, str]) -> str:
    """Make the text of a picture: its name, then what it shows; the script translates each segment by itself."""
    pairs = [("", one) if isinstance(one, str) else (f"{one[0]:,} ", one[1]) for one in segments]
    for _, phrase in pairs:
        if phrase not in PORTUGUESE:
            raise KeyError(phrase)
    return " · ".join([first, *(count + phrase for count, phrase in pairs)])


def name(value: str) -> Markup:
    """Make a name from the lake; it keeps its own writing direction."""
    return tag("bdi", value)
