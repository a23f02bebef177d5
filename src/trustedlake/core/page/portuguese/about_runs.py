"""Why a run failed: its input, its contract, its proof, the state of the lake."""

from __future__ import annotations

ABOUT_RUNS = {
    # what to do next
    "run again": "execute de novo",
    "run again: the state is safe": "execute de novo: nada se perdeu",
    "run again when it is done": "execute de novo quando ela terminar",
    "run again when nothing else uses the lake": "execute de novo quando nada mais usar o lake",
    "run again once nothing writes to Raw": "execute de novo quando nada mais gravar na Raw",
    "nothing was published": "nada foi publicado",
    "nothing was published: {any}": "nada foi publicado: {any}",
    "if it happens again, report it": "se acontecer de novo, avise-nos",
    "if it happens again, report it: the engine loses or repeats rows": (
        "se acontecer de novo, avise-nos: o motor perde ou repete linhas"
    ),
    "run again, and if it happens again, report it: the engine wrote something unexpected": (
        "execute de novo e, se acontecer outra vez, avise-nos: o motor gravou algo inesperado"
    ),
    "if it happens again, use --storage staged": "se acontecer de novo, use --storage staged",
    "then run again": "depois execute de novo",
    # raw files
    "{n} raw file(s) of {table} vanished since they were published: {some}": (
        "{n} [arquivo|arquivos] da Raw de {table} [sumiu|sumiram] depois de [publicado|publicados]: {some}"
    ),
    "restore them, or choose: --vanished keep keeps their rows, --vanished drop removes them": (
        "restaure o que sumiu, ou escolha: --vanished keep mantém as linhas, --vanished drop as remove"
    ),
    "{n} published raw file(s) of {table} are replaced by a later delivery of the same name: {some}": (
        "{n} [arquivo publicado|arquivos publicados] de {table} [foi substituído|foram substituídos] por uma"
        " entrega posterior de mesmo nome: {some}"
    ),
    "choose: --vanished keep keeps their rows beside the later ones, --vanished drop moves them to Quarantine": (
        "escolha: --vanished keep mantém as linhas antigas ao lado das novas, --vanished drop as move para a Quarentena"
    ),
    "{n} raw file(s) of {table} don't match its path {template}: {some}": (
        "{n} [arquivo|arquivos] da Raw de {table} não [segue|seguem] o caminho {template}: {some}"
    ),
    "the folders before the file name must be {template}": "as pastas antes do nome do arquivo devem ser {template}",
    "the folders before the file name must be {template}, as in {example}": (
        "as pastas antes do nome do arquivo devem ser {template}, como em {example}"
    ),
    "no raw file of {table} in {some}": "nenhum arquivo da Raw de {table} em {some}",
    "no raw file of {table} in {some}: the names of all {n} are ignored ({some2})": (
        "nenhum arquivo da Raw de {table} em {some}: [o nome do único é ignorado|os nomes de todos os {n} são"
        " ignorados] ({some2})"
    ),
    "does the contract ignore too much? its patterns: {patterns}": (
        "o contrato ignora demais? os padrões dele: {patterns}"
    ),
    "rename them: hidden files, backups and system files are never read": (
        "mude os nomes: arquivos ocultos, backups e arquivos do sistema nunca são lidos"
    ),
    "no raw file of {table} in {some}: no table takes the {n} file(s) there or beside it ({some2})": (
        "nenhum arquivo da Raw de {table} em {some}: nenhuma tabela lê [o arquivo|os {n} arquivos] de lá ou do"
        " lado ({some2})"
    ),
    "write a contract for them: {command}; or add their folder to the paths of the table's contract": (
        "escreva um contrato para o que sobra: {command}; ou acrescente a pasta aos caminhos do contrato da tabela"
    ),
    "is --lake right? for a lake with other folders, give --input FOLDER and --target FOLDER, or write a"
    " contract (trustedlake contract init)": (
        "o --lake está certo? para um lake com outras pastas, dê --input PASTA e --target PASTA, ou escreva um"
        " contrato (trustedlake contract init)"
    ),
    "no record of {table} in {n} file(s): other tables take them all ({some})": (
        "nenhum registro de {table} em {n} [arquivo|arquivos]: outras tabelas leem todos ({some})"
    ),
    "no record of {table}: {n} record(s) of {some} are left to other tables, and none takes them (the keys of"
    " one: {some2})": (
        "nenhum registro de {table}: {n} [registro|registros] de {some} [fica|ficam] para outras tabelas, e"
        " nenhuma lê (as chaves de um deles: {some2})"
    ),
    "is `where` in the contract right? write a contract for the others: {command}": (
        "o `where` do contrato está certo? escreva um contrato para o que sobra: {command}"
    ),
    "{n} file(s) where {table} is published are not in its ledger: {some}": (
        "{n} [arquivo|arquivos] onde {table} é publicada não [está|estão] no ledger dela: {some}"
    ),
    "twin partitions: {some}": "partições gêmeas: {some}",
    "{folder} beside {twin}": "{folder} ao lado de {twin}",
    "another job wrote them, or the ledger was lost: --full-refresh rebuilds the table from Raw and moves them"
    " to {folder}": (
        "isso veio de outro job, ou o ledger se perdeu: --full-refresh refaz a tabela a partir da Raw e move o que"
        " sobra para {folder}"
    ),
    "--accept-unreadable {file} is not there": "--accept-unreadable {file} não está lá",
    "name it as the report does, for instance {example}": "dê o nome como no relatório, por exemplo {example}",
    "{file} vanished while it was read": "{file} sumiu enquanto era lido",
    "{file} changed while it was read": "{file} mudou enquanto era lido",
    "it vanished while it was read": "ele sumiu enquanto era lido",
    "listed with {n} bytes, read {n2}: it changed while it was read": (
        "listado com {n} bytes, lidos {n2}: ele mudou enquanto era lido"
    ),
    "listed with {n} bytes, read {n2}: it changed during the run": (
        "listado com {n} bytes, lidos {n2}: ele mudou nesse meio-tempo"
    ),
    "{n} bytes were listed, {n2} were read: it changed while it was read": (
        "foram listados {n} bytes e lidos {n2}: ele mudou enquanto era lido"
    ),
    "a raw file vanished or changed while it was read: {any}": (
        "um arquivo da Raw sumiu ou mudou enquanto era lido: {any}"
    ),
    "can't read the file: {reason}": "não dá para ler o arquivo: {reason}",
    "give this user read permission": "dê a este usuário permissão de leitura",
    "the process that framed {any} ended with code {code} (-9: killed, usually for lack of memory)": (
        "o processo que lia {any} terminou com o código {code} (-9: foi morto, em geral por falta de memória)"
    ),
    "the last files": "os últimos arquivos",
    "read its output above; if memory is short, use fewer processes": (
        "leia a saída dele acima; se falta memória, use menos processos"
    ),
    "the name is not UTF-8": "o nome não está em UTF-8",
    "rename the file, then run again": "mude o nome do arquivo, depois execute de novo",
    "this link points to {folder}, a folder that contains it": "este link aponta para {folder}, uma pasta que o contém",
    "remove the link, then run again": "remova o link, depois execute de novo",
    "this link is broken ({target})": "este link está quebrado ({target})",
    "restore what it points to, or remove the link": "restaure aquilo para que ele aponta, ou remova o link",
    # the contract
    "the contract of {table} {any}, but published days have them": (
        "o contrato de {table} {any}, mas dias publicados as têm"
    ),
    "has no column {some} any more": "não tem mais a coluna {some}",
    "changes the types of {some}": "muda os tipos de {some}",
    "has no column {some} any more and changes the types of {some2}": (
        "não tem mais a coluna {some} e muda os tipos de {some2}"
    ),
    "{column} ({type}, now {other})": "{column} ({type}, agora {other})",
    "--full-refresh rebuilds every day by the new contract; trustedlake contract diff shows what changed": (
        "--full-refresh refaz todos os dias pelo novo contrato; trustedlake contract diff mostra o que mudou"
    ),
    "{n} open warning(s), and --strict is set: {any}": (
        "{n} [aviso aberto|avisos abertos], e --strict foi pedido: {any}"
    ),
    "fix the contract (a synonym), or {command}": "corrija o contrato (um sinônimo), ou {command}",
    # the proof
    "{engine} wrote files for partitions that were not asked for: {partitions}": (
        "{engine} gravou arquivos de partições que não foram pedidas: {partitions}"
    ),
    "{partition}: what {engine} wrote is not what was read: {any}": (
        "{partition}: o que {engine} gravou não é o que foi lido: {any}"
    ),
    "dropped file": "arquivo perdido",
    "doubled file": "arquivo dobrado",
    "lost rows": "linhas perdidas",
    "doubled rows": "linhas dobradas",
    "exchanged records": "registros trocados",
    "{n} records were read, {any}": "registros lidos: {n}, {any}",
    "{n} were written ({n2} trusted, {n3} rejected, {n4} duplicates)": (
        "gravados: {n} ({n2} aceitos, {n3} rejeitados, {n4} duplicados)"
    ),
    "the counts match, but the contents differ": "as contagens batem, mas os conteúdos não",
    "unknown file": "arquivo desconhecido",
    "{any}, but no such raw file was read": "{any}, mas esse arquivo da Raw não foi lido",
    "the staged file can't be read: {reason}": "o arquivo do staging não pode ser lido: {reason}",
    "columns that differ from the contract: {any}": "colunas diferentes das do contrato: {any}",
    "{column} is missing": "falta {column}",
    "{column} is not the contract's": "{column} não é do contrato",
    "{column} is {type}, not {other}": "{column} é {type}, não {other}",
    # the state
    "the ledger of {table} was written for the input {some}, not {some2} ({file})": (
        "o ledger de {table} foi escrito para a entrada {some}, não {some2} ({file})"
    ),
    "give all inputs of the table in one call, or --full-refresh to rebuild it from the new ones": (
        "dê todas as entradas da tabela em uma só chamada, ou --full-refresh para refazê-la a partir das novas"
    ),
    "the ledger of {table} was written for the target {folder}, not {other} ({file})": (
        "o ledger de {table} foi escrito para o destino {folder}, não {other} ({file})"
    ),
    "if that target is yours, give it (--target, with --source and --entity); else use another --lake, or rebuild the"
    " table at the new target with to-trusted --full-refresh": (
        "se esse destino é seu, informe-o (--target, com --source e --entity); senão use outro --lake, ou refaça a"
        " tabela no novo destino com to-trusted --full-refresh"
    ),
    "another run published first, {n} times in a row": "outra execução publicou antes, {n} [vez|vezes] seguidas",
    "another run published {table} first": "outra execução publicou {table} antes",
    "another run is finishing the interrupted publish of {table}": (
        "outra execução está terminando a publicação interrompida de {table}"
    ),
    "another run took over the publish of {table}: this one paused past its deadline": (
        "outra execução assumiu a publicação de {table}: esta ficou parada além do prazo"
    ),
    "the other run finishes it": "a outra execução termina",
    "{table} is being published by process {process} on {host}, since {since} UTC (run {run})": (
        "{table} está sendo publicada pelo processo {process} em {host}, desde {since} UTC (execução {run})"
    ),
    "if it is dead, the first run after {deadline} UTC finishes its publish": (
        "se ela morreu, a primeira execução depois de {deadline} UTC termina a publicação"
    ),
    "another run removed what run {run} had staged: that run took longer than {n} hours, or was paused": (
        "outra execução removeu o staging da execução {run}: esta demorou mais de {n} [hora|horas], ou ficou parada"
    ),
    "{table} changed while it was being judged": "{table} mudou enquanto era avaliada",
    "someone changed the ledger during a publish": "alguém mudou o ledger durante uma publicação",
    "run again: it starts from the ledger as it is now": "execute de novo: parte do ledger como está agora",
    "{file} changed during a publish: it is neither the old file nor the new one": (
        "{file} mudou durante uma publicação: não é nem o arquivo antigo nem o novo"
    ),
    "someone else wrote it": "outra pessoa o gravou",
    "move it out of the lake, then run again to finish the publish": (
        "tire-o do lake, depois execute de novo para terminar a publicação"
    ),
    "{file} is gone, and {other} is not the file that should be there": (
        "{file} sumiu, e {other} não é o arquivo que deveria estar lá"
    ),
    "someone removed it during a publish": "alguém o removeu durante uma publicação",
    "move the journal in the lake's _trustedlake/journal folder away, then run with --full-refresh": (
        "tire o journal da pasta _trustedlake/journal do lake, depois execute com --full-refresh"
    ),
    "move {file} away, then run with --full-refresh": "tire {file} de lá, depois execute com --full-refresh",
    "move {file} away, then run again": "tire {file} de lá, depois execute de novo",
    "--full-refresh rebuilds it from Raw": "--full-refresh o refaz a partir da Raw",
    "{file} has version {n}": "{file} tem a versão {n}",
    "this trustedlake understands {n}": "esta versão do trustedlake entende a {n}",
    "upgrade trustedlake: a newer one wrote this lake": "atualize o trustedlake: um mais novo gravou este lake",
    "remove {file}, then accept the places again": "remova {file}, depois aceite os lugares de novo",
    "{command} lists all of them": "{command} mostra todos",
    "{file} is damaged: {any}": "{file} está danificado: {any}",
    "Invalid JSON: {reason}": "JSON inválido: {reason}",
    "{file} names {name} as {any}, which is not allowed here: nothing was touched": (
        "{file} dá {name} como {any}, o que não é permitido aqui: nada foi alterado"
    ),
    "the ledger of {table}": "o ledger de {table}",
    "the journal of {table}": "o journal de {table}",
    "the name of a run": "o nome de uma execução",
    "the staging folder of its run": "a pasta de staging da execução",
    "a raw file": "um arquivo da Raw",
    "a file to move": "um arquivo para mover",
    "a place to move a file to": "um lugar para onde mover um arquivo",
    "a file to delete": "um arquivo para apagar",
    "a published file": "um arquivo publicado",
    "was the table published with --input or --target? give the same here": (
        "a tabela foi publicada com --input ou --target? dê os mesmos aqui"
    ),
    "otherwise this state belongs to another lake: move {file} away": (
        "senão, este estado é de outro lake: tire {file} de lá"
    ),
    "to-trusted --full-refresh rebuilds the table from Raw": "to-trusted --full-refresh refaz a tabela a partir da Raw",
}
"""English template -> Portuguese template, as `translate` reads them."""
