"""``huoshui up | stop | status | code``: the system on this machine."""

import json
import os
import time
from pathlib import Path

import click

data_option = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=lambda: os.environ.get("HUOSHUI_DATA", ".huoshui"),
    help="Folder with all data of this installation.  [default: $HUOSHUI_DATA or .huoshui]",
)
port = click.IntRange(1, 65_535)


@click.command()
@data_option
@click.option("--fresh", is_flag=True, help="Empty the data folder first.")
@click.option(
    "--speed", type=click.IntRange(1, 604_800), default=1, show_default=True, help="Business seconds a second."
)
@click.option("--web-port", type=port, help="Wished port of API and pages.  [default: 8000]")
@click.option("--simulators-port", type=port, help="Wished port of the simulated world.  [default: 8100]")
@click.option("--temporal-ui-port", type=port, help="Wished port of Temporal's pages.  [default: 8233]")
def up(
    data: Path,
    fresh: bool,
    speed: int,
    web_port: int | None,
    simulators_port: int | None,
    temporal_ui_port: int | None,
) -> None:
    """Start the whole system on this machine and keep it running."""
    from ops.stack import plan, record, supervisor
    from ops.stack.telling import Telling

    asked = {"web": web_port, "simulators": simulators_port, "temporal-ui": temporal_ui_port}
    ports = {**plan.WISHED, **{name: number for name, number in asked.items() if number}}
    tell = Telling()
    try:
        wish = plan.Wish(data=Path(data), speed=speed, ports=ports, announce=tell.raw)
        code = supervisor.up(wish, fresh=fresh, telling=tell)
    except (record.NotOurs, OSError) as error:
        raise click.ClickException(str(error)) from error
    raise SystemExit(code)


@click.command()
@data_option
def stop(data: Path) -> None:
    """Stop the system that runs on this machine."""
    from ops.stack import supervisor
    from ops.stack.telling import Telling

    raise SystemExit(supervisor.stop(Path(data).resolve(), Telling()))


@click.command()
@data_option
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def status(data: Path, as_json: bool) -> None:
    """Show what runs, where, and how much memory it takes. Exit code 3: nothing runs."""
    from ops.stack import record
    from ops.stack.telling import Telling

    tell = Telling()
    folder = Path(data).resolve()
    found = record.read(folder)
    if found is None or found.supervisor.process() is None:
        if as_json:
            click.echo(json.dumps({"running": False}))
        else:
            tell.line("ops.stop.none", folder=str(folder))
        raise SystemExit(3)
    memory = record.memory(found)
    mine = record.tree_bytes(process, alone=True) if (process := found.supervisor.process()) else 0
    if as_json:
        parts = {name: {"pid": child.pid, "bytes": memory.get(name)} for name, child in found.children.items()}
        total = sum(memory.values()) + mine
        click.echo(json.dumps({"running": True, "addresses": found.addresses, "parts": parts, "bytes": total}))
        return
    for address in found.addresses.values():
        tell.raw(address, "bold")
    for name, child in found.children.items():
        if name in memory:
            tell.line("ops.status.line", part=tell.part(name), pid=child.pid, memory=memory[name] >> 20)
        elif name != "prepare":
            tell.line("ops.status.down", "red", part=tell.part(name))
    tell.line("ops.status.total", "bold", memory=(sum(memory.values()) + mine) >> 20)


@click.command()
@data_option
@click.argument("login", required=False)
def code(data: Path, login: str | None) -> None:
    """Show the six digits of a demo login's authenticator (of all, without LOGIN)."""
    from ops import demo_staff
    from ops.stack import secrets
    from ops.stack.telling import Telling

    tell = Telling()
    folder = Path(data).resolve()
    if not (folder / secrets.FILE).exists():
        raise click.ClickException(tell.text("ops.code.no_data", folder=str(folder)))
    kept = {demo_staff.SEED: secrets.keep(folder)["STACK_DEMO_TOTP_SEED"]}
    logins = [player.login for player in demo_staff.PLAYERS]
    if login is not None and login not in logins:
        raise click.ClickException(tell.text("ops.code.unknown", login=login, logins=", ".join(logins)))
    left = 30 - int(time.time()) % 30
    for one in [login] if login else logins:
        tell.line("ops.code.line", login=f"{one:<11}" if not login else one, code=demo_staff.code_of(one, kept), n=left)


@click.command()
def keys() -> None:
    """Make the secrets of a new installation, as lines for an environment file. Nothing is stored."""
    from ops.stack import secrets

    for name, make in secrets.MADE.items():
        click.echo(f"{name}={make()}")
