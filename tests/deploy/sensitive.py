"""Addresses that give something away wherever a folder is served by accident; and such files, planted for real."""

from itertools import product
from pathlib import Path
from urllib.parse import quote

CANARY = "canary-b7f2c1"
PLANTED = (
    ".git/config", ".git/HEAD", ".git/index", ".git/logs/HEAD", ".git/objects/info/packs", ".git/refs/heads/main",
    ".gitignore", ".gitattributes", ".svn/entries", ".svn/wc.db", ".svn/format", ".hg/hgrc", ".bzr/branch-format",
    ".env", ".env.local", ".env.production", ".htpasswd", ".htaccess", ".DS_Store", ".npmrc", ".netrc",
    ".ssh/id_rsa", ".ssh/authorized_keys", ".aws/credentials", ".docker/config.json", ".vscode/settings.json",
    ".idea/workspace.xml", ".bash_history", ".well-known/../.env", "instance/config.toml", "instance/database.json",
    "instance/demo.json", "instance/database-maintenance.json", "instance/keys/master-1.key",
    "instance/tls/server.key", "instance/tls/ca.key", "keys/master-1.key", "config.toml", "wsgi.py",
    "leadcrm/app.py", "leadcrm/core/crypto.py", "migrations/0001_core.py", "tests/people.py", "pyproject.toml",
    "package.json", "package-lock.json", "node_modules/htmx.org/package.json", "Makefile", "README.md",
    "CHANGELOG.md", "docker-compose.yml", "Dockerfile", "backup.sql", "backup.zip", "backup.tar.gz", "dump.sql",
    "dump.sql.gz", "database.sqlite3", "leadcrm.db", "site.old", "index.php", "index.php~", "phpinfo.php",
    "info.php", "wp-login.php", "wp-config.php.bak", "web.config", "server.key", "server.pem", "id_rsa",
    "credentials.json", "error.log", "access.log", "debug.log", "nohup.out", "core", "composer.lock", "yarn.lock",
    "manifest.json", "app.css.bak", "app.css~", ".app.css.swp", "secret.txt", "crontab",
)  # fmt: skip
MADE_UP = (
    "server-status", "server-info", "nginx_status", "phpmyadmin/index.php", "cgi-bin/test.cgi", "admin.php", "console",
    "actuator/env", "debug/vars", "metrics", "api/swagger.json", "graphql", "_profiler", "telescope", "trace.axd",
    "elmah.axd", "crossdomain.xml", "sitemap.xml.gz", "etc/passwd", "proc/self/environ",
)  # fmt: skip


def plant(folder: Path) -> None:
    """Each with the canary in it."""
    for name in PLANTED:
        if ".." not in name:
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"{CANARY} {name}\n")


def paths() -> list[str]:
    """Every file from every place and in the spellings that have fooled servers."""
    names = [*PLANTED, *MADE_UP]
    plain = [f"{place}/{name}" for place, name in product(("", "/static", "/leads"), names)]
    up = [f"/static/../{name}" for name in names]
    coded = [f"/static/%2e%2e/{quote(name, safe='')}" for name in names]
    coded += [f"/static/..%2f{name}" for name in names[:40]]
    far = ("etc/passwd", ".env", "instance/keys/master-1.key")
    odd = [f"/static/{'../' * depth}{name}" for depth in (2, 5) for name in far]
    ups = ("..;", "%252e%252e", "%c0%ae%c0%ae", "..%5c", ".%2e")
    odd += [f"/static/{each}/{name}" for each in ups for name in names[:12]]
    cased = [f"/{name.upper()}" for name in names[:30]]
    dressed = [f"/{name}{end}" for name in names[:30] for end in ("/", "?x=1", "%00", "%20", ";.css", "//")]
    return sorted(set(plain + up + coded + odd + cased + dressed))
