"""`leadcrm deploy`: prints configuration for the web server in front and for systemd."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from flask import current_app, render_template

from leadcrm.core.config import ROOT, current_config
from leadcrm.deploy.services.site import Site, Unusable, assets_folder, site_of

TEMPLATES = {"nginx": "deploy/nginx.conf", "caddy": "deploy/Caddyfile", "apache": "deploy/apache.conf"}
OPTIONS = (
    click.option("--host", help="The name that people type; otherwise that of base_url."),
    click.option("--https-port", type=click.IntRange(1, 65535)),
    click.option("--http-port", type=click.IntRange(1, 65535), help="Only redirects."),
    click.option("--certificate", help="The chain of certificates; Caddy gets one by itself without."),
    click.option("--key", help="Its private key."),
    click.option("--upstream", help="Where the product listens: 127.0.0.1:8443, or the path of its socket."),
    click.option("--upstream-ca", "upstream_authority", help="Who signed the product's own certificate."),
    click.option("--upstream-name", help="The name in the product's own certificate."),
    click.option("--assets", is_flag=True, help="Let the proxy serve the hashed styles and scripts itself."),
    click.option("--assets-folder", help="Another folder with them; implies --assets."),
    click.option("--wall-file", "wall", help="A second password before everything: a file of `htpasswd -B`."),
    click.option("--rate", type=click.IntRange(1, 100_000), help="Requests a second and visitor (nginx)."),
    click.option("--sign-in-rate", type=click.IntRange(1, 100_000), help="The same for signing in (nginx)."),
)


@click.group()
def deploy() -> None:
    """Configuration for nginx, Caddy, Apache and systemd. Make it anew after an update of leadcrm."""


def _with_options(command: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def _declare(server: str) -> None:
    @deploy.command(server, short_help=f"Print the configuration for {server}.")
    @_with_options
    def generate(**chosen: Any) -> None:
        click.echo(written(server, **chosen), nl=False)


for name in TEMPLATES:
    _declare(name)


def written(server: str, *, assets: bool = False, assets_folder_: str | None = None, **chosen: Any) -> str:
    """The configuration of a server as text."""
    folder = chosen.pop("assets_folder", assets_folder_) or (assets_folder() if assets else None)
    rules = [(rule, _takes_files(rule.endpoint)) for rule in current_app.url_map.iter_rules()]
    try:
        site = site_of(current_config(), rules, assets=folder, **chosen)
    except Unusable as problem:
        raise click.ClickException(str(problem)) from problem
    if not site.certificate and server != "caddy":
        raise click.ClickException("--certificate and --key are needed: only Caddy gets a certificate by itself")
    return render_template(TEMPLATES[server], site=site, again=_again(server, site))


def _takes_files(endpoint: str) -> bool:
    view = current_app.view_functions[endpoint]
    return getattr(view, "uploads", False) or getattr(view, "streams", False)


def _again(server: str, site: Site) -> str:
    return f"leadcrm deploy {server} --host {site.host}"


@deploy.command()
@click.option("--user", default="leadcrm", show_default=True, help="The account that the product runs as.")
@click.option("--instance", help="Where it keeps its data; otherwise as configured now.")
@click.option("--program", help="The `leadcrm` command; otherwise the one that runs now.")
@click.option("--keys", "keys_folder", help="Hand the keys over as credentials from this folder (LoadCredential).")
@click.option("--memory", default="2G", show_default=True, help="The most memory that all of it may take.")
def systemd(user: str, instance: str | None, program: str | None, keys_folder: str | None, memory: str) -> None:
    """Print a hardened unit for systemd."""
    folder = instance or str(current_config().instance)
    command = program or str(Path(sys.executable).with_name("leadcrm"))
    values = {"user": user, "instance": folder, "program": command, "keys": keys_folder or "", "memory": memory,
              "files": str(current_config().blob_folder or "")}  # fmt: skip
    odd = [name for name, value in values.items() if any(sign in value for sign in " \t\n\"'%$\\;")]
    if odd:
        raise click.ClickException(f"{', '.join(odd)}: expected no spaces, quotes or percent signs")
    click.echo(render_template("deploy/leadcrm.service", root=ROOT, config=current_config(), **values), nl=False)
