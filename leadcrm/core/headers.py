"""What every answer carries, whoever gives it: pages, files, redirects, refusals, and what nobody caught.

Pages get their policy with a nonce from security.py. This stands outside everything else and adds what an
answer has not; only what the web server itself refuses before it has read a request (400, 414, 431) passes it by.
"""

import logging
from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

TWO_YEARS = 63_072_000
REPORTS = "/reports"  # where browsers say what the policy stopped
POLICY = {
    "default-src": "'none'",
    "script-src": "'strict-dynamic'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "object-src": "'none'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "htmx",  # the one policy, made in static/core/every_page/htmx-settings.js
    "report-uri": REPORTS,
    "report-to": "reports",
}
POLICY_TEXT = "; ".join(f"{directive} {sources}" for directive, sources in POLICY.items())
# What is no page of ours loads nothing and runs nothing.
CLOSED = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
FEATURES = dict.fromkeys(
    (
        "accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "encrypted-media", "fullscreen",
        "geolocation", "gyroscope", "hid", "identity-credentials-get", "idle-detection", "local-fonts", "magnetometer",
        "microphone", "midi", "otp-credentials", "payment", "picture-in-picture", "screen-wake-lock", "serial",
        "storage-access", "usb", "window-management", "xr-spatial-tracking",
    ),
    "()",
)  # fmt: skip
FROM_ANYBODY = {  # a proxy's own answers carry them too: leadcrm.deploy
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{name}={allowed}" for name, allowed in FEATURES.items()),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "X-Permitted-Cross-Domain-Policies": "none",
    "X-DNS-Prefetch-Control": "off",
}
ALWAYS = FROM_ANYBODY | {
    "Reporting-Endpoints": f'reports="{REPORTS}"',
    "Content-Security-Policy": CLOSED,
    "Cache-Control": "no-store",
    "Server": "leadcrm",  # the web server puts its own name where there is none
}
BROKEN = b"500\n"
FRAMED = "leadcrm.framed"  # in the environment of a request whose page may stand in pages of named sites

log = logging.getLogger("leadcrm")


def policy_with(nonce: str | None) -> str:
    """Of a page whose scripts carry this nonce; without one no script runs."""
    scripts = POLICY["script-src"]
    return POLICY_TEXT.replace(scripts, f"{scripts} 'nonce-{nonce}'") if nonce else POLICY_TEXT


def hsts(subdomains: bool) -> str:
    return f"max-age={TWO_YEARS}{'; includeSubDomains' if subdomains else ''}"


class OnEveryAnswer:
    """Adds what is missing, takes away what tells what we run on, and answers when nobody else can."""

    def __init__(self, application: WSGIApplication, subdomains: bool = True, catches: bool = True):
        """`catches`: False lets tests see what nobody caught."""
        self.application, self.hsts, self.catches = application, hsts(subdomains), catches

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def complete(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            return start_response(status, self.completed(headers, environ), *error)

        try:
            return self.application(environ, complete)
        except Exception:
            if not self.catches:
                raise
            log.exception("nobody caught this on %s", environ.get("REQUEST_METHOD"))
            length = ("Content-Length", str(len(BROKEN)))
            complete("500 Internal Server Error", [("Content-Type", "text/plain"), length])
            return [BROKEN]

    def completed(self, headers: list[tuple[str, str]], environ: WSGIEnvironment) -> list[tuple[str, str]]:
        kept = [(name, value) for name, value in headers if name.lower() not in ("server", "x-powered-by")]
        known = {name.lower() for name, _value in kept}
        wanted = ALWAYS | self._over_tls(environ)
        if environ.get(FRAMED):
            wanted.pop("X-Frame-Options")
        return kept + [(name, value) for name, value in wanted.items() if name.lower() not in known]

    def _over_tls(self, environ: WSGIEnvironment) -> dict[str, str]:
        """In clear it would count for nothing, and the standard forbids it."""
        return {"Strict-Transport-Security": self.hsts} if environ.get("wsgi.url_scheme") == "https" else {}
