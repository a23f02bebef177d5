"""Why a run failed outside the lake: disks, buckets, engines."""

from __future__ import annotations

ABOUT_SURROUNDINGS = {
    # this machine's disk
    "Permission denied": "permissão negada",
    "No space left on device": "não há espaço no disco",
    "Disk quota exceeded": "a cota do disco foi atingida",
    "Read-only file system": "o sistema de arquivos é só de leitura",
    "Operation not permitted": "operação não permitida",
    "File name too long": "o nome do arquivo é longo demais",
    "Too many open files": "há arquivos abertos demais",
    "Input/output error": "erro de entrada e saída",
    "Is a directory": "é uma pasta",
    "Not a directory": "não é uma pasta",
    "the disk is full: free some space there, then run again": (
        "o disco está cheio: libere espaço lá, depois execute de novo"
    ),
    "the folder is read-only or not yours: give this user write permission, or choose another folder": (
        "a pasta é só de leitura ou não é sua: dê a este usuário permissão de escrita, ou escolha outra pasta"
    ),
    "shorten the name": "use um nome mais curto",
    "raise the limit of open files (ulimit -n), then run again": (
        "aumente o limite de arquivos abertos (ulimit -n), depois execute de novo"
    ),
    "make the path readable and writable for this user, then run again": (
        "dê a este usuário permissão de ler e gravar ali, depois execute de novo"
    ),
    "can't rename {file} to {other}: they are on different file systems": (
        "não dá para renomear {file} para {other}: estão em sistemas de arquivos diferentes"
    ),
    "keep the lake's state on the file system of Trusted and Quarantine: files are renamed, never copied": (
        "mantenha o estado do lake no mesmo sistema de arquivos que Trusted e Quarantine: arquivos são renomeados,"
        " nunca copiados"
    ),
    "another process has held this lock for {n} s": "outro processo segura esta trava há {n} s",
    "it may be paused or stuck": "talvez ele esteja parado ou preso",
    "end it or let it finish, then run again": "encerre-o ou deixe-o terminar, depois execute de novo",
    "{file} can't be read: {reason}": "{file} não pode ser lido: {reason}",
    "to-trusted rebuilds damaged files": "to-trusted refaz arquivos danificados",
    "{file} is a link (to {target}): trustedlake does not write through links": (
        "{file} é um link (para {target}): o trustedlake não grava através de links"
    ),
    "put a real folder or file in its place, or remove the link": (
        "ponha uma pasta ou um arquivo de verdade no lugar dele, ou remova o link"
    ),
    "Raw may have links, and so may the folders above the lake": (
        "a Raw pode ter links, e as pastas acima do lake também"
    ),
    "someone put another folder in its place during the run": "alguém pôs outra pasta no lugar dela durante a execução",
    "run again when nothing else is at work there": "execute de novo quando nada mais trabalhar ali",
    "someone else wrote it first": "outra execução gravou antes",
    "{key} is not a valid key in {folder}": "{key} não é um caminho válido em {folder}",
    "give a path below the folder, without `.`, `..` or `//`": "dê um caminho abaixo da pasta, sem `.`, `..` ou `//`",
    # buckets
    "there is no such bucket": "esse bucket não existe",
    "check the name in --lake, and the account of the credentials": (
        "confira o nome em --lake, e a conta das credenciais"
    ),
    "not a valid bucket name": "o nome não é válido para um bucket",
    "check --lake: s3://bucket/prefix": "confira --lake: s3://bucket/prefixo",
    "the store doesn't know this access key": "o armazenamento não conhece esta chave de acesso",
    "the secret key doesn't match the access key": "a chave secreta não é a da chave de acesso",
    "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the profile: {command}": (
        "confira AWS_ACCESS_KEY_ID e AWS_SECRET_ACCESS_KEY, ou o perfil: {command}"
    ),
    "the credentials have expired": "as credenciais venceram",
    "most often the credentials have expired: {any}": "em geral as credenciais venceram: {any}",
    "sign in again (aws sso login, or new values of AWS_ACCESS_KEY_ID and the others), then run again": (
        "entre de novo (aws sso login, ou novos valores de AWS_ACCESS_KEY_ID e das outras), depois execute de novo"
    ),
    "the session token is not valid": "o token da sessão não é válido",
    "this machine's clock is too far from the store's": (
        "o relógio desta máquina está longe demais do relógio do armazenamento"
    ),
    "set the clock by NTP": "acerte o relógio por NTP",
    "the store is full": "o armazenamento está cheio",
    "free some space there, or raise the quota, then run again": (
        "libere espaço lá, ou aumente a cota, depois execute de novo"
    ),
    "the store does not support this request": "o armazenamento não aceita este pedido",
    "use a newer version of the store, or another store": "use uma versão mais nova do armazenamento, ou outro",
    "trustedlake doctor --lake tests what a lake needs": "trustedlake doctor --lake testa o que um lake precisa",
    "the object is archived": "o objeto está arquivado",
    "restore it from Glacier, then run again": "restaure-o do Glacier, depois execute de novo",
    "check AWS_ENDPOINT_URL_S3 (or AWS_ENDPOINT_URL): its host, its port, and http or https": (
        "confira AWS_ENDPOINT_URL_S3 (ou AWS_ENDPOINT_URL): o host, a porta, e http ou https"
    ),
    "set AWS_REGION to the bucket's region (aws s3api get-bucket-location shows it)": (
        "ponha em AWS_REGION a região do bucket (aws s3api get-bucket-location a mostra)"
    ),
    "set AWS_REGION={region}": "defina AWS_REGION={region}",
    "the bucket is in another region": "o bucket está em outra região",
    "the credentials need {rights} there, and to write {others}": (
        "as credenciais precisam lá de {rights} e, para gravar, de {others}"
    ),
    "with a KMS key also {rights}": "com uma chave KMS, também de {rights}",
    "check --lake and the settings of AWS: {command}": "confira --lake e as configurações da AWS: {command}",
    "is AWS_MAX_ATTEMPTS a number? {command} shows the others": (
        "AWS_MAX_ATTEMPTS é um número? {command} mostra as outras"
    ),
    "the store lost a multipart upload": "o armazenamento perdeu um envio em partes",
    "{operation} is denied": "{operation} é negada",
    "{operation} is denied ({reason})": "{operation} é negada ({reason})",
    "the store is overloaded or has an internal error: {code} ({operation})": (
        "o armazenamento está sobrecarregado ou tem um erro interno: {code} ({operation})"
    ),
    "the store at {host} is overloaded or has an internal error: {code} ({operation})": (
        "o armazenamento em {host} está sobrecarregado ou tem um erro interno: {code} ({operation})"
    ),
    "wait, then {any}": "espere, depois {any}",
    "if that doesn't help, {any}": "se não adiantar, {any}",
    "{operation} is refused, and the store doesn't say why": (
        "{operation} é recusada, e o armazenamento não diz por quê"
    ),
    "{operation} is refused: {code}": "{operation} é recusada: {code}",
    "look up the code in the store's manual": "procure o código no manual do armazenamento",
    "the server is not an S3 store": "o servidor não é um armazenamento S3",
    "the server at {host} is not an S3 store": "o servidor em {host} não é um armazenamento S3",
    "no credentials were found": "nenhuma credencial foi encontrada",
    "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the machine a role": (
        "defina AWS_PROFILE, ou AWS_ACCESS_KEY_ID e AWS_SECRET_ACCESS_KEY, ou dê uma role à máquina"
    ),
    "can't load AWS credentials: {error}": "não dá para carregar as credenciais da AWS: {error}",
    "the store's endpoint is not a valid address": "o endpoint do armazenamento não é um endereço válido",
    "an AWS key contains a space or a line break": "uma chave da AWS contém um espaço ou uma quebra de linha",
    "give the authority's certificate in AWS_CA_BUNDLE": "dê o certificado da autoridade em AWS_CA_BUNDLE",
    "or {any}": "ou {any}",
    "no secure connection: {any}": "não há conexão segura: {any}",
    "no secure connection at {host}: {any}": "não há conexão segura em {host}: {any}",
    "nothing answers": "nada responde",
    "nothing answers at {host}": "nada responde em {host}",
    "is the network up? then run again": "a rede funciona? depois execute de novo",
    "the connection broke: {error}": "a conexão caiu: {error}",
    "the connection at {host} broke: {error}": "a conexão em {host} caiu: {error}",
    "the proxy {host}": "o proxy {host}",
    "{any} can't be used: boto3 takes http and https only": ("{any} não serve: boto3 só aceita http e https"),
    "{any} requires a user and a password: HTTP 407": "{any} exige usuário e senha: HTTP 407",
    "{any} refuses to forward the request": "{any} se recusa a encaminhar o pedido",
    "{any} does not forward the request: {error}": "{any} não encaminha o pedido: {error}",
    "check {proxy} (or ALL_PROXY): {address}, and {other} where it wants a password": (
        "confira {proxy} (ou ALL_PROXY): {address}, e {other} se ele pede senha"
    ),
    "NO_PROXY=host skips the proxy for that host": "NO_PROXY=host dispensa o proxy",
    "AWS_CA_BUNDLE is not a file with certificates": "AWS_CA_BUNDLE não é um arquivo com certificados",
    "its certificate is not trusted here": "o certificado não é de confiança aqui",
    "it doesn't speak https": "ele não fala https",
    "the handshake failed": "a negociação falhou",
    "it changed after it was verified": "ele mudou depois de verificado",
    "run again, and let nobody else touch the staging folder": (
        "execute de novo, e não deixe ninguém mais mexer na pasta de staging"
    ),
    "the store's answers have no Date header": "as respostas do armazenamento não têm o cabeçalho Date",
    "does AWS_ENDPOINT_URL_S3 name an S3 store?": "AWS_ENDPOINT_URL_S3 aponta para um armazenamento S3?",
    "it can't be deleted: {code}": "não pode ser apagado: {code}",
    "give the credentials s3:DeleteObject there, then run again": (
        "dê às credenciais s3:DeleteObject ali, depois execute de novo"
    ),
    # engines
    "{engine} failed while {any}: {reason}": "{engine} falhou ao {any}: {reason}",
    "starting": "iniciar",
    "starting on Java {version} from {source}": "iniciar com o Java {version} de {source}",
    "starting as spark-submit configured it": "iniciar como spark-submit o configurou",
    "judging {table}": "avaliar {table}",
    "listing {folder}": "listar {folder}",
    "no reason given": "sem motivo dado",
    "this looks like a bug, please report it": "isto parece um defeito do programa, avise-nos",
    "the disk is full: free some space": "o disco está cheio: libere espaço",
    "TMPDIR is the folder for the engine's temporary files": "TMPDIR é a pasta dos arquivos temporários do motor",
    "{n} MB are left at {folder}": "[resta|restam] {n} MB em {folder}",
    "Spark's log is {file}": "o log do Spark é {file}",
    "its last line: {line}": "a última linha dele: {line}",
    "give Spark more memory, 4g for example": "dê mais memória ao Spark, por exemplo 4g",
    "Spark was given more memory than this machine has: give it less": (
        "o Spark recebeu mais memória do que esta máquina tem: dê menos"
    ),
    "the driver memory must be a number and a unit, 2g for example": (
        "a memória do driver deve ser um número e uma unidade, por exemplo 2g"
    ),
    "this machine's own name does not resolve: add it to /etc/hosts, beside 127.0.0.1": (
        "o nome desta máquina não é encontrado: acrescente-o a /etc/hosts, ao lado de 127.0.0.1"
    ),
    "Java needs a user with a name: run as such a user, or add this one to /etc/passwd": (
        "o Java precisa de um usuário com nome: execute com um usuário que tenha nome, ou acrescente este a /etc/passwd"
    ),
    "can't write to a folder: check its permissions": "não dá para gravar em uma pasta: confira as permissões dela",
    "can't write to a folder: its disk is read-only": "não dá para gravar em uma pasta: o disco dela é só de leitura",
    "Spark takes credentials from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or from the"
    " machine's role, not from a profile: {command}": (
        "o Spark lê credenciais de AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY e AWS_SESSION_TOKEN, ou da role da"
        " máquina, não de um perfil: {command}"
    ),
    "Spark's credentials don't allow this: they need the rights in {page}": (
        "as credenciais do Spark não permitem isto: elas precisam dos direitos em {page}"
    ),
    "Spark could not fetch the jars for S3A: is the network up? --storage staged needs none": (
        "o Spark não conseguiu buscar os jars do S3A: a rede funciona? --storage staged não precisa deles"
    ),
    "the executors' Python needs pyarrow, pandas and the driver's version of Python": (
        "o Python dos executores precisa de pyarrow, de pandas e da mesma versão de Python que o driver"
    ),
    "--conf spark.pyspark.python=PATH names it to spark-submit": (
        "--conf spark.pyspark.python=PATH diz ao spark-submit qual usar"
    ),
    "the executors died repeatedly: give them more memory, --executor-memory 4g for example": (
        "os executores morreram várias vezes: dê mais memória a eles, por exemplo --executor-memory 4g"
    ),
    "Spark can't reach {address}: it was started without hadoop-aws": (
        "o Spark não alcança {address}: ele foi iniciado sem hadoop-aws"
    ),
    "add to spark-submit: {line} ; or use staged storage": (
        "acrescente ao spark-submit: {line} ; ou use --storage staged"
    ),
    "Spark read it {n} times": "o Spark o leu {n} vezes",
    "{jars}: several hadoop-client there, so trustedlake can't choose hadoop-aws": (
        "{jars}: há vários hadoop-client lá, então o trustedlake não sabe qual hadoop-aws usar"
    ),
    "{jars}: no hadoop-client there, so trustedlake can't choose hadoop-aws": (
        "{jars}: não há hadoop-client lá, então o trustedlake não sabe qual hadoop-aws usar"
    ),
    "reinstall pyspark, or ask whoever built this Spark for its Hadoop version": (
        "reinstale o pyspark, ou pergunte a quem montou este Spark qual é a versão do Hadoop"
    ),
    "Spark needs {java}: {any}": "o Spark precisa de {java}: {any}",
    "{source} ({binary}) doesn't start": "{source} ({binary}) não inicia",
    "{source} ({binary}) is Java {version}": "{source} ({binary}) é Java {version}",
    "JAVA_HOME is not set and there is no java on the PATH": "JAVA_HOME não está definida e não há java no PATH",
    "the Java launcher can't be written: {reason}": "o iniciador do Java não pode ser gravado: {reason}",
    "set TMPDIR to a writable folder, or install Java and set JAVA_HOME": (
        "defina TMPDIR como uma pasta em que se pode gravar, ou instale o Java e defina JAVA_HOME"
    ),
    "{any} is not installed": "{any} não está instalado",
    "pyspark, the default engine,": "pyspark, o motor padrão,",
    "pysail, the fast engine,": "pysail, o motor rápido,",
    "{name}, or what its client needs ({reason}),": "{name}, ou o que o cliente dele precisa ({reason}),",
    "{command}, or {other}": "{command}, ou {other}",
    "there is no such folder": "essa pasta não existe",
    "check the path": "confira o caminho",
    "check the path and its scheme": "confira o caminho e o esquema dele",
    "raw files are below `Raw/`": "os arquivos da Raw ficam em `Raw/`",
}
"""English template -> Portuguese template, as `translate` reads them."""
