"""Why a raw file can't be read, and what to do with it."""

from __future__ import annotations

ABOUT_FILES = {
    # unreadable files
    "fetch the file again": "busque o arquivo de novo",
    "fetch the file again, or remove it from Raw": "busque o arquivo de novo, ou remova-o da Raw",
    "fetch the whole file again": "busque o arquivo inteiro de novo",
    "fetch or write the file again": "busque ou grave o arquivo de novo",
    "fetch or write the file again, or remove it from Raw": "busque ou grave o arquivo de novo, ou remova-o da Raw",
    "only compressed files may be named .gz": "só arquivos comprimidos podem terminar em .gz",
    "name the file .gz": "dê ao arquivo um nome que termine em .gz",
    "save the file as UTF-8": "salve o arquivo em UTF-8",
    "save the file as UTF-8, or fetch it again": "salve o arquivo em UTF-8, ou busque-o de novo",
    "the file is empty": "o arquivo está vazio",
    "the file has only blanks": "o arquivo só tem espaços",
    "the file has only blank lines": "o arquivo só tem linhas em branco",
    "byte {n}: the gzip stream is truncated": "byte {n}: o conteúdo gzip está cortado",
    "byte {n} or before: invalid gzip data ({reason})": "byte {n} ou antes: dados gzip inválidos ({reason})",
    "byte {n}: the line that begins here has more than {n2} MB": (
        "byte {n}: a linha que começa aqui tem mais de {n2} MB"
    ),
    "byte {n}: the content is compressed (gzip)": "byte {n}: o conteúdo está comprimido (gzip)",
    "byte {n}: the text is UTF-16 or UTF-32": "byte {n}: o texto está em UTF-16 ou UTF-32",
    "byte {n}: not UTF-8 ({byte})": "byte {n}: não é UTF-8 ({byte})",
    "byte {n} or near: invalid {encoding}": "byte {n} ou próximo dele: {encoding} inválido",
    "correct `encoding` in the contract, or save the file in that encoding": (
        "corrija `encoding` no contrato, ou salve o arquivo nessa codificação"
    ),
    "each line must be one record": "cada linha deve ser um registro",
    "check that the file has the format that its name says": "veja se o arquivo tem o formato que o nome indica",
    "the file begins with more than {n} MB of blanks": "o arquivo começa com mais de {n} MB de espaços",
    "the file has more than {n} MB and its first line is not a complete object, so it can't be divided by lines": (
        "o arquivo tem mais de {n} MB e a primeira linha não é um objeto completo; por isso não pode ser dividido"
        " por linhas"
    ),
    "write it as NDJSON (one object per line), or split it into several files": (
        "grave-o como NDJSON (um objeto por linha), ou divida-o em vários arquivos"
    ),
    # unreadable JSON
    "line {n} column {n2}: {any}": "linha {n} coluna {n2}: {any}",
    "line {n} column {n2}: expected a JSON array or object, found {text}": (
        "linha {n} coluna {n2}: esperado um array ou objeto JSON, encontrado {text}"
    ),
    "Expecting value": "falta um valor",
    "Expecting an array or an object": "falta um array ou um objeto",
    "Expecting ',' delimiter": "falta uma vírgula",
    "Expecting ':' delimiter": "faltam dois-pontos",
    "Expecting property name enclosed in double quotes": "falta o nome de uma chave entre aspas duplas",
    "Extra data": "há dados a mais",
    "Unterminated string starting at": "texto sem aspas no fim",
    "Invalid control character at": "caractere de controle inválido",
    "{name} is not JSON": "{name} não é JSON",
    "The text ends inside an object": "o texto termina dentro de um objeto",
    "The text ends inside a nested value": "o texto termina dentro de um valor aninhado",
    "the array that begins at line {n} column {n2} is still open at the end of the file: it is truncated": (
        "o array que começa na linha {n} coluna {n2} ainda está aberto no fim do arquivo: ele está cortado"
    ),
    "the object that begins at line {n} column {n2} is still open at the end of the file: it is truncated": (
        "o objeto que começa na linha {n} coluna {n2} ainda está aberto no fim do arquivo: ele está cortado"
    ),
    "it must contain only JSON": "ele deve conter só JSON",
    "correct the file at this place, or fetch it again": "corrija o arquivo nesse lugar, ou busque-o de novo",
    "an error body (status_code {code}: {text}), no records of {table}": (
        "uma resposta de erro (status_code {code}: {text}), sem registros de {table}"
    ),
    "the records of {table} are under the key {key}, but the contract does not read that path": (
        "os registros de {table} estão na chave {key}, mas o contrato não lê esse caminho"
    ),
    "the records of {table} are in nested lists, but the contract does not read that path": (
        "os registros de {table} estão em listas aninhadas, mas o contrato não lê esse caminho"
    ),
    "keep only the value of {key} in the file, or write a contract with {setting} ({command})": (
        "deixe no arquivo só o valor de {key}, ou escreva um contrato com {setting} ({command})"
    ),
    "write a contract with {setting} ({command})": "escreva um contrato com {setting} ({command})",
    "the file holds no records of {table}: {any} any of the expected keys": (
        "o arquivo não tem registros de {table}: {any} qualquer uma das chaves esperadas"
    ),
    "the file holds no records of {table}: {any} any of the expected keys (keys found: {some})": (
        "o arquivo não tem registros de {table}: {any} qualquer uma das chaves esperadas (chaves encontradas: {some})"
    ),
    "it does not have": "ele não tem",
    "none of its {n} records has": "nenhum dos seus {n} registros tem",
    "a record of {table} has one of {some}": "um registro de {table} tem uma destas: {some}",
    "move other files out of this folder, and write a contract for records with other keys ({command})": (
        "tire outros arquivos desta pasta, e escreva um contrato para registros com outras chaves ({command})"
    ),
    # unreadable CSV
    "line {n}: {say}": "linha {n}: {say}",
    "the header has more than {n} names or {n2} MB": "o cabeçalho tem mais de {n} nomes ou {n2} MB",
    "the header has no column {column} (columns found: {some})": (
        "o cabeçalho não tem a coluna {column} (colunas encontradas: {some})"
    ),
    "columns are found by name: a file of {table} has {some}": (
        "as colunas são encontradas pelo nome: um arquivo de {table} tem {some}"
    ),
    "name the identifier column {column}, or add its name to the contract as a synonym": (
        "chame a coluna identificadora de {column}, ou acrescente o nome dela ao contrato como sinônimo"
    ),
    "the header has no column {column}": "o cabeçalho não tem a coluna {column}",
    "columns are found by name: name the identifier column {column}, or add its name to the contract as a synonym": (
        "as colunas são encontradas pelo nome: chame a coluna identificadora de {column}, ou acrescente o nome dela ao"
        " contrato como sinônimo"
    ),
    "the columns are separated by {any}, not by {any2}": "as colunas estão separadas por {any}, não por {any2}",
    "a tab": "tabulação",
    "write a contract with {setting} ({command}), or save the file with the contract's separator": (
        "escreva um contrato com {setting} ({command}), ou salve o arquivo com o separador do contrato"
    ),
    "no header: none of the contract's column names in {text}": (
        "sem cabeçalho: nenhum dos nomes de coluna do contrato em {text}"
    ),
    "the first line must name the columns: {names}": "a primeira linha deve dar o nome das colunas: {names}",
    "no lines, or only blank ones, follow the {n} line(s) that the contract skips": (
        "depois [da linha|das {n} linhas] que o contrato pula não há linhas, ou só linhas em branco"
    ),
    "each file of the table, even a correction, needs those lines and the header": (
        "cada arquivo da tabela, mesmo uma correção, precisa dessas linhas e do cabeçalho"
    ),
    "or remove it from Raw": "ou remova-o da Raw",
    "the record that begins here has a quote that is still open at the end of the file": (
        "o registro que começa aqui tem aspas ainda abertas no fim do arquivo"
    ),
    "fetch the whole file again, or remove `quote` from the contract if no field is quoted": (
        "busque o arquivo inteiro de novo, ou tire `quote` do contrato se nenhum campo tem aspas"
    ),
    "the record that begins here has more than {n} MB": "o registro que começa aqui tem mais de {n} MB",
    "a quote may be missing": "talvez faltem aspas",
}
"""English template -> Portuguese template, as `translate` reads them."""
