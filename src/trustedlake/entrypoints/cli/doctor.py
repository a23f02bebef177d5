"""`trustedlake doctor`."""

from __future__ import annotations

import click

from trustedlake.entrypoints.cli import options

_STYLE = {"ok": "green", "warning": "yellow", "missing": "red"}


@click.command("doctor", short_help="Check the installation and the lake, and show how to fix problems.")
@options.lake
@click.option("--jars", is_flag=True, help="Only print what spark-submit needs to reach buckets (S3A), as its options.")
@options.as_json
def command(*, lake: str | None, jars: bool, as_json: bool) -> int:
    """Check Python, Java, Spark and the lake; for everything missing, print the command that fixes it.

    It starts nothing and leaves no files behind. Exits 1 if something is missing that to-trusted
    needs; a missing optional package is listed, but is not an error.

    \b
    Examples:
      trustedlake doctor
      trustedlake doctor --lake ./lake
      trustedlake doctor --json
      spark-submit $(trustedlake doctor --jars) cli.py to-trusted --source tmdb --lake s3://bucket/lake
    """
    if jars:
        from trustedlake.adapters.spark.hadoop_aws import installed_jars

        click.echo(installed_jars().submit_line)
        return 0
    from trustedlake.entrypoints.cli.console import Text, stdout
    from trustedlake.entrypoints.wiring.lake_doctor import examine

    report = examine(lake)
    if as_json:
        click.echo(report.model_dump_json(indent=2))
        return report.exit_code
    console = stdout()
    for check in report.checks:
        style = _STYLE[check.state] if check.required or check.state != "missing" else "dim"
        line = Text.assemble((f"{check.state:<8}", style), (check.name, "bold"), f": {check.says}")
        console.print(line, soft_wrap=True)
        if check.mend:
            console.print(Text.assemble("        ", ("mend: ", "bold cyan"), check.mend), soft_wrap=True)
    return report.exit_code
