"""Tab completion in bash, zsh and fish: the lines of `docs/how-to/shell-completion.md` work."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.pages import HOW_TO, blocks

PAGE = HOW_TO / "shell-completion.md"
PROGRAMS = Path(sys.executable).parent
SHELLS = ("bash", "zsh", "fish")


def said(*command: str, **environ: str) -> str:
    """What a command says on stdout, with our command on the PATH; it must exit 0 and write nothing to stderr."""
    inherited = dict(os.environ)  # noqa: TID251 - handed to a child
    path = os.pathsep.join([str(PROGRAMS), inherited["PATH"]])
    done = subprocess.run(
        command, env={**inherited, "PATH": path, **environ}, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return done.stdout


def asked(shell: str, *words: str) -> set[str]:
    """What `trustedlake` answers a shell that asks what may come last."""
    number = words[-1] if shell == "fish" else str(len(words) - 1)
    answer = said(
        "trustedlake", COMP_WORDS=" ".join(words), COMP_CWORD=number, _TRUSTEDLAKE_COMPLETE=f"{shell}_complete"
    )
    if shell == "zsh":  # three lines an answer: kind, value, help
        return set(answer.splitlines()[1::3])
    return {line.split(",", 1)[1].split("\t")[0] for line in answer.splitlines()}


@pytest.mark.parametrize("shell", SHELLS)
def test_commands_options_and_values_are_completed(shell: str) -> None:
    assert asked(shell, "trustedlake", "to") == {"to-trusted"}
    assert asked(shell, "trustedlake", "to-trusted", "--noti") == {"--notify", "--notify-on"}
    assert asked(shell, "trustedlake", "to-trusted", "--notify-on", "a") == {"always"}
    assert asked(shell, "trustedlake", "contract", "sh") == {"show"}


@pytest.mark.parametrize("shell", SHELLS)
def test_the_shell_accepts_the_line_on_the_page(shell: str) -> None:
    (line,) = blocks(PAGE, shell)
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell} here")
    completed = {
        "bash": f"{line}COMP_WORDS=(trustedlake to) COMP_CWORD=1; _trustedlake_completion trustedlake; echo $COMPREPLY",
        "zsh": f"autoload -Uz compinit; compinit -D -u; {line}echo $_comps[trustedlake]",
        "fish": f"{line}complete --do-complete 'trustedlake to'",
    }
    plain = {"bash": ["--norc"], "zsh": ["-f"], "fish": ["--no-config"]}
    answer = {"bash": "to-trusted", "zsh": "_trustedlake_completion", "fish": "to-trusted"}
    assert answer[shell] in said(shell, *plain[shell], "-c", completed[shell])


def test_python_m_trustedlake_runs_the_same_command() -> None:
    assert said(sys.executable, "-m", "trustedlake", "--version") == said("trustedlake", "--version")
    assert said(sys.executable, "-m", "trustedlake", "-h").startswith("Usage: trustedlake ")
