"""What the last run did, what needs a person, and what to do about it."""

from __future__ import annotations

ABOUT_PARTITIONS = {
    # the built-in tables
    "Films from TMDB; one row per film and ingestion date.": "Filmes do TMDB; uma linha por filme e data de ingestão.",
    "Series from TMDB; one row per series and ingestion date.": (
        "Séries do TMDB; uma linha por série e data de ingestão."
    ),
    "Films and their artists from the course's CSV; one row per (film, artist).": (
        "Filmes e seus artistas do CSV do curso; uma linha por (filme, artista)."
    ),
    "Series and their artists from the course's CSV; one row per (series, artist).": (
        "Séries e seus artistas do CSV do curso; uma linha por (série, artista)."
    ),
    # lists
    "{any} and {n} more": "{any} e mais {n}",
    "{any}, and so on for {n} more": "{any}, e assim por diante para mais {n}",
    "{any} and {n} more file(s)": "{any} e mais {n} [arquivo|arquivos]",
    "and {n} more": "e mais {n}",
    "{some}: {say}": "{some}: {say}",
    "{n} files, {some}": "{n} arquivos, {some}",
    # what the last run did
    "the table": "a tabela",
    "published: {any} ({any2})": "publicada: {any} ({any2})",
    "published again: {any}: {some}": "publicada de novo: {any}: {some}",
    "refused: {any}: {any2}": "recusada: {any}: {any2}",
    "rows kept: {any}: {some}": "linhas mantidas: {any}: {some}",
    "rejected again: {some}": "rejeitado de novo: {some}",
    "{record} has the key of {other}": "{record} tem a chave de {other}",
    "removed: {any}: {any2}": "removida: {any}: {any2}",
    "corrected: {record} by {other}": "corrigido: {record} por {other}",
    "failed: {any}": "falhou: {any}",
    "its report is not there: the run was interrupted, or somebody removed it": (
        "o relatório dela não está lá: a execução foi interrompida, ou alguém o removeu"
    ),
    "{n} partitions, {first} to {last}": "{n} partições, de {first} a {last}",
    "in the last one: {any}": "na última: {any}",
    "still open": "ainda em aberto",
    "new": "nova",
    "changed": "mudou",
    "contract": "o contrato mudou",
    "damaged": "estava danificada",
    "full refresh": "reconstrução completa",
    "refused before": "recusada antes",
    "{file} is new": "{file} é novo",
    "{file} is changed": "{file} mudou",
    "{file} is gone": "{file} sumiu",
    "refused before, and its files did not change: {any}": "recusada antes, e os arquivos não mudaram: {any}",
    "none of its {n} raw file(s) is there": (
        "[seu único arquivo não está mais na Raw|nenhum dos seus {n} arquivos está na Raw]"
    ),
    # files that are gone, and files that nobody knows
    "{n} file(s) that no run published: {some}": "{n} [arquivo|arquivos] que nenhuma execução publicou: {some}",
    "{command} moves them aside": "{command} põe de lado o que nenhuma execução publicou",
    "{n} raw file(s) that are published are gone: {some}": (
        "{n} [arquivo da Raw já publicado sumiu|arquivos da Raw já publicados sumiram]: {some}"
    ),
    "restore them; or {command} keeps their rows; or {other} removes them": (
        "restaure o que sumiu; ou {command} mantém as linhas; ou {other} as remove"
    ),
    "{any}, but {some} vanished: the kept rows can't be judged again without the file, so the partition stays"
    " as it was published": (
        "{any}, mas {some} sumiu: sem o arquivo, as linhas mantidas não podem ser avaliadas de novo; por isso a"
        " partição fica como foi publicada"
    ),
    "{n} raw file(s) are new or changed ({some})": (
        "{n} [arquivo da Raw é novo ou mudou|arquivos da Raw são novos ou mudaram] ({some})"
    ),
    "the contract has a newer version": "o contrato tem uma versão mais nova",
    "published files are missing or were changed": "arquivos publicados faltam ou foram alterados",
    "restore {some} and run again": "restaure {some} e execute de novo",
    "or remove its rows in this partition only: {command}": "ou remova as linhas dele só nesta partição: {command}",
    # warnings
    "column {column} is absent from every record of {any}": "a coluna {column} não está em nenhum registro de {any}",
    "columns {some} are absent from every record of {any}": "as colunas {some} não estão em nenhum registro de {any}",
    "columns {some} have no value in any of the {n} rows, and had values before": (
        "as colunas {some} não têm valor em nenhuma das {n} linhas, e antes tinham"
    ),
    "it seems to be called {key} there ({any}): the contract takes it with {line}": (
        "lá ela parece se chamar {key} ({any}): o contrato passa a lê-la com {line}"
    ),
    "{column} seems to be called {key} now": "{column} parece se chamar {key} agora",
    "{column} seems to be called {key} now ({any})": "{column} parece se chamar {key} agora ({any})",
    "{n} of {n2} records have the same value as before": "{n} de {n2} registros têm o mesmo valor que antes",
    "{n} of {n2} values were there before": "{n} de {n2} valores já existiam antes",
    "it seems to be called {key} there: the contract takes it with {line}": (
        "lá ela parece se chamar {key}: o contrato passa a lê-la com {line}"
    ),
    "unknown there: {some}": "lá, fora do contrato: {some}",
    "column {column} has no value in any of the {n} rows, and had values before": (
        "a coluna {column} não tem valor em nenhuma das {n} linhas, e antes tinha"
    ),
    "{n} duplicate(s) had values that the kept record lacks: {some}": (
        "{n} [duplicado tinha|duplicados tinham] valores que faltam no registro mantido: {some}"
    ),
    "{n} record(s) have another value in {column} than in the key that won over it": (
        "{n} [registro tem|registros têm] em {column} um valor diferente do da chave que prevaleceu"
    ),
    "{n} of {n2} records ({n3}) have no {type} in {column}": "sem {type} em {column}: {n} de {n2} registros ({n3})",
    "{n} record(s) of {file}, which came later, lost to different records of earlier files: {address} to"
    " {winner} ({some}). If records have the same key, the last one by file name wins": (
        "{n} [registro|registros] de {file}, que chegou depois, [perdeu|perderam] para registros diferentes de"
        " arquivos anteriores: {address} para {winner} ({some}). Entre registros com a mesma chave, vale o último"
        " por nome de arquivo"
    ),
    "{n} record(s) are in Quarantine, rejected: {some}": (
        "{n} [registro rejeitado está|registros rejeitados estão] na Quarentena: {some}"
    ),
    "{n} more are corrected by later records": "mais {n} [foi corrigido|foram corrigidos] por registros posteriores",
    "{n} of them came again and were rejected again: {some}": (
        "{n} deles [veio|vieram] de novo e [foi rejeitado|foram rejeitados] de novo: {some}"
    ),
    "{address} has the key of {other}": "{address} tem a chave de {other}",
    "{n} record(s) of {some} that no table takes (the keys of one: {some2})": (
        "{n} [registro|registros] de {some} que nenhuma tabela lê (as chaves de um deles: {some2})"
    ),
    "{place}: {n} file(s) in Raw that no table takes": "{place}: {n} [arquivo|arquivos] na Raw que nenhuma tabela lê",
    "{n} published file(s) are gone: {some}": ("{n} [arquivo publicado|arquivos publicados] [sumiu|sumiram]: {some}"),
    "is the folder mounted? {command} builds them again from Raw": (
        "a pasta está montada? {command} os constrói de novo a partir da Raw"
    ),
    "{n} raw file(s) that no run has processed are overdue: {some}": (
        "{n} [arquivo|arquivos] da Raw que nenhuma execução leu, [atrasado|atrasados]: {some}"
    ),
    "{file} (its name is ignored now)": "{file} (agora o nome é ignorado)",
    "{n} file(s) are published, and all of them are gone from {some}": (
        "{n} [arquivo foi publicado e sumiu|arquivos foram publicados, e todos sumiram] de {some}"
    ),
    "check that it is mounted; if somebody removed it, {command} builds it again from Raw": (
        "verifique se a pasta está montada; se alguém a removeu, {command} a constrói de novo a partir da Raw"
    ),
    "can't list all of Raw: {any}": "não dá para listar toda a Raw: {any}",
    "{n} file(s) in Raw that no table takes: {some}": "{n} [arquivo|arquivos] na Raw que nenhuma tabela lê: {some}",
    "{column}: {value} would be a {type} with {any} in the contract": (
        "{column}: {value} seria {type} com {any} no contrato"
    ),
    "decimal {mark} and {any}": "decimal {mark} e {any}",
    "no grouping": "sem grouping",
    "formats {formats} or {any}": "formats {formats} ou {any}",
    # advice for warnings
    "restore the key in the file, or add its new name to the contract": (
        "restaure a chave no arquivo, ou acrescente o novo nome dela ao contrato"
    ),
    "fetch the files again if they should have values": "busque os arquivos de novo se eles deveriam ter valores",
    "fetch the whole record again into a file whose name sorts last, or set `duplicates: merge` in the contract": (
        "busque o registro inteiro de novo em um arquivo cujo nome venha por último, ou ponha `duplicates: merge`"
        " no contrato"
    ),
    "put the correct source first in the contract": "ponha a fonte certa em primeiro lugar no contrato",
    "copy the correcting file to a name that sorts after the other's, such as {file}, and run again": (
        "copie o arquivo que corrige com um nome que venha depois do outro, como {file}, e execute de novo"
    ),
    "write a contract for them (trustedlake contract init), or move them out of Raw": (
        "escreva um contrato para o que sobra (trustedlake contract init), ou tire-o da Raw"
    ),
    "write a contract for them (trustedlake contract init), or correct `where` in the contract": (
        "escreva um contrato para o que sobra (trustedlake contract init), ou corrija `where` no contrato"
    ),
    "{command} writes a contract for them": "{command} escreve um contrato para o que sobra",
    "move the file into a folder of its own, such as {folder}": "leve o arquivo para uma pasta só dele, como {folder}",
    "{n} more place(s) with files in Raw that no table takes ({command})": (
        "mais {n} [lugar|lugares] com arquivos na Raw que nenhuma tabela lê ({command})"
    ),
    "{command} accepts them all": "{command} aceita todos",
    "copy them to this machine, then {command} writes a contract for them": (
        "copie o que sobra para esta máquina, depois {command} escreve um contrato"
    ),
    "or move them out of Raw, or into a folder whose name begins with _": (
        "ou tire da Raw o que sobra, ou ponha em uma pasta cujo nome comece com _"
    ),
    "it is in a folder of {table}, but in none of its partitions, so each run of that table fails": (
        "está em uma pasta de {table}, mas em nenhuma das partições dela, por isso cada execução dessa tabela falha"
    ),
    "move it into a partition's folder": "leve para a pasta de uma partição",
    "or {command} writes a contract for them": "ou {command} escreve um contrato para o que sobra",
    "or copy them to this machine, then {command} writes a contract for them": (
        "ou copie o que sobra para esta máquina, depois {command} escreve um contrato"
    ),
    "or move the file into a folder of its own, such as {folder}": (
        "ou leve o arquivo para uma pasta só dele, como {folder}"
    ),
    "{any} (and so on for {some})": "{any} (e assim por diante para {some})",
    "{command} shows the line for the contract": "{command} mostra a linha para o contrato",
    "then deliver corrected records in a new file of that folder": (
        "depois entregue registros corrigidos em um novo arquivo da mesma pasta"
    ),
    "fix the file in Raw and run to-trusted again": "corrija o arquivo na Raw e execute to-trusted de novo",
    # why a day is refused
    "unreadable: {any}": "ilegível: {any}",
    "and {n} other problem(s)": "e mais {n} [problema|problemas]",
    "fix the file in Raw, or publish without it: {any}": "corrija o arquivo na Raw, ou publique sem ele: {any}",
    "fix them in Raw, or publish without: {any}": "corrija-os na Raw, ou publique sem eles: {any}",
    "fix the file in Raw, or move it out: no other file of this partition can be read": (
        "corrija o arquivo na Raw, ou tire-o de lá: nenhum outro arquivo desta partição é legível"
    ),
    "{n} of {n2} records rejected ({n3}, allowed {n4})": "registros rejeitados: {n} de {n2} ({n3}; o permitido é {n4})",
    "reasons: {some}": "motivos: {some}",
    "all {n} records rejected": "[o único registro foi rejeitado|todos os {n} registros foram rejeitados]",
    "no record in {some}": "nenhum registro em {some}",
    "no record: all its files are unreadable, and were accepted as such": (
        "nenhum registro: todos os arquivos são ilegíveis, e foram aceitos assim"
    ),
    "trustedlake quarantine shows them": "trustedlake quarantine mostra quais são",
    "trustedlake quarantine shows what was refused and why": (
        "trustedlake quarantine mostra o que foi recusado e por quê"
    ),
    "--max-rejected allows a larger share": "--max-rejected permite uma parcela maior",
    "files that are correct but written differently need a contract of their own: {command}": (
        "arquivos corretos, mas escritos de outro jeito, precisam de um contrato próprio: {command}"
    ),
    "put records into one of its files, or remove them": "ponha registros em um dos arquivos dela, ou remova-os",
    "the source renamed or dropped a column; without --strict this is a warning": (
        "a origem renomeou ou removeu uma coluna; sem --strict, isto é um aviso"
    ),
}
"""English template -> Portuguese template, as `translate` reads them."""
