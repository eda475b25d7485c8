"""A small application around core's templates, under the same Content-Security-Policy as the real one."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from flask import Flask, Response, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import Babel, get_locale

from leadcrm.core import assets, drawing
from leadcrm.core.assets.build import packages
from leadcrm.core.i18n import compile_catalogs
from leadcrm.core.shell import Shown, in_frame, initials
from leadcrm.core.web import NavShown

CORE = Path(assets.__file__).parents[1]
NONCE = "gallery-nonce"
POLICY = (
    f"default-src 'none'; script-src 'nonce-{NONCE}' 'strict-dynamic'; style-src 'self'; img-src 'self';"
    " connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none';"
    " object-src 'none'; require-trusted-types-for 'script'; trusted-types htmx"
)
CODES = (400, 403, 404, 405, 413, 419, 422, 429, 500, 503)


@dataclass
class Typed:
    """A form field as core/forms.py gives it to the macros."""

    name: str
    label: str
    value: str = ""
    help: str = ""
    errors: list[str] = field(default_factory=list)
    required: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    input_type: str = "text"
    inputmode: str = "text"
    unit: str = ""
    python_type: type = str
    max_length: int | None = None

    @property
    def id(self) -> str:
        return self.name

    @property
    def kind(self) -> SimpleNamespace:
        return SimpleNamespace(
            input_type=self.input_type,
            inputmode=self.inputmode,
            autocomplete="off",
            unit=self.unit,
            options=(),
            python_type=self.python_type,
            max_length=self.max_length,
        )


class TypedForm(dict[str, Typed]):
    errors: tuple[str, ...] = ()

    def __iter__(self) -> Any:
        return iter(self.values())

    @property
    def valid(self) -> bool:
        return not any(shown.errors for shown in self.values())


BANKS = "ABN AMRO,Aegon,ASN Bank,bunq,Florius,ING,Knab,Lloyds Bank,Obvion,Rabobank,RegioBank,Triodos Bank,Volksbank"


def household_form(wrong: bool = False) -> TypedForm:
    banks = tuple((bank.lower(), bank) for bank in BANKS.split(","))
    fields = [
        Typed("last_name", "Achternaam", "De Vries-Hoogeveen", required=True),
        Typed(
            "email",
            "E-mailadres",
            "j.devries@" if wrong else "j.devries@voorbeeld.nl",
            input_type="email",
            inputmode="email",
            errors=["Dit is geen e-mailadres. Vul iets in als naam@voorbeeld.nl."] if wrong else [],
        ),
        Typed("born", "Geboortedatum", "31-12-1985", inputmode="numeric", python_type=date),
        Typed("iban", "IBAN", "NL91 ABNA 0417 1643 00", help="Van de rekening waarvan de premie wordt betaald."),
        Typed(
            "income",
            "Bruto jaarinkomen",
            "abc" if wrong else "54.500",
            inputmode="decimal",
            unit="€",
            errors=["Vul een bedrag in, bijvoorbeeld 54.500."] if wrong else [],
        ),
        Typed("rate", "Rentepercentage", "3,85", inputmode="decimal", unit="%"),
        Typed(
            "goal",
            "Doel",
            "purchase",
            choices=(("purchase", "Aankoop bestaande bouw"), ("refinance", "Oversluiten")),
            input_type="select",
            required=True,
        ),
        Typed("bank", "Huidige geldverstrekker", "obvion", choices=banks, input_type="select"),
        Typed("nhg", "Met Nationale Hypotheek Garantie", "true", input_type="yesno"),
        Typed(
            "note",
            "Notitie",
            "Belt liefst na zes uur.\nWil vóór 1 juni tekenen.",
            input_type="textarea",
            max_length=2000,
        ),
    ]
    return TypedForm({shown.name: shown for shown in fields})


PEOPLE = [
    (
        "Familie De Vries-Hoogeveen",
        "LC-2026-00412",
        "Aankoop bestaande bouw",
        "Advies",
        "accent",
        "€ 425.000",
        "Bellen",
        "21 nov 2026",
    ),
    (
        "Jansen en Van der Meulen-Brouwer",
        "LC-2026-00411",
        "Oversluiten",
        "Nieuw",
        "",
        "€ 310.500",
        "Stukken opvragen",
        "vandaag",
    ),
    ("S. Öztürk", "LC-2026-00409", "Verbouwing", "Offerte", "warning", "€ 62.000", "Offerte controleren", "gisteren"),
    ("Bakker", "LC-2026-00398", "Aankoop nieuwbouw", "Passeren", "success", "€ 1.150.000", "", ""),
    (
        "El Amrani en De Groot",
        "LC-2026-00377",
        "Inkomensverzekering",
        "Afgevallen",
        "danger",
        "€ 0",
        "Archiveren",
        "3 okt 2026",
    ),
]


ENTRIES = [
    ("Leads", "list"),
    ("Importeren", "work"),
    ("Formulier", "form"),
    ("Fiche", "facts"),
    ("Toegang", "empty"),
    ("Onderdelen", "pieces"),
]
ENTRY_ICONS = ["users", "file-import", "forms", "id", "shield-lock", "settings"]


def nav_items() -> tuple[NavShown, ...]:
    return tuple(
        NavShown(label, icon, endpoint, url_for(endpoint), request.endpoint == endpoint)
        for (label, endpoint), icon in zip(ENTRIES, ENTRY_ICONS, strict=True)
    )


def colours() -> str:
    return request.args.get("theme") or request.cookies.get("theme", "light")


def nav_views() -> list[NavShown]:
    views = (("Mijn open leads", "/list?mine"), ("Deze week bellen", "/list?week"))
    return [NavShown(label, "", "list", url) for label, url in views]


def work(done: int, state: str = "running") -> SimpleNamespace:
    return SimpleNamespace(
        id=str(done),
        title=f"loan_applications_{done}.csv importeren",
        state=state,
        done=done,
        total=26144,
        done_text=f"{done:,} van 26.144 rijen",
        rate_text="2.310 rijen per seconde",
        left_text="nog ongeveer 8 seconden",
        result_url="/list",
        error="",
    )


def sources() -> list[Path]:
    """Those of the product's bundles, and of the icons that only the gallery uses."""
    return [*packages(), Path(__file__).parent]


def make_app(dist: Path) -> Flask:
    app = Flask("leadcrm-gallery", template_folder=str(CORE / "templates"), static_folder=None)
    app.jinja_loader.searchpath.append(str(Path(__file__).parent / "templates"))  # type: ignore[union-attr]
    app.secret_key = "gallery"
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    compile_catalogs([str(CORE / "translations")])
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(CORE / "translations")
    Babel(app, default_locale="nl", locale_selector=lambda: request.args.get("lang") or session.get("language") or "nl")
    assets.start(app, dist)
    _routes(app)
    app.after_request(_headers)
    person = SimpleNamespace(name="Ann van den Berg", role="agent", company_name="Hypotheekhuis De Brug B.V.")
    urls = {
        "leads.list_leads": "/list", "leads.new_lead": "/form", "auth.account": "/facts", "searching.results": "/list",
    }  # fmt: skip
    app.jinja_env.globals.update(
        nav_items=nav_items,
        nav_views=nav_views,
        panels_of=lambda page: [],
        csrf_token=lambda: "token",
        csp_nonce=lambda: NONCE,
        current_user=person,
        theme=colours,
        on_every_page=lambda ending: [f"app.{ending}"],
        banners=lambda: [],
        get_locale=get_locale,
        LANGUAGES={"nl": "Nederlands", "en": "English"},
        here=lambda: request.full_path,
        initials=initials,
        url_if=urls.get,
        framed=lambda title, at_hand, **parts: in_frame(
            title, parts, Shown(person, nav_items(), at_hand, colours()), lambda endpoint: urls.get(endpoint, "")
        ),
    )
    drawing.start(app)
    return app


def _headers(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = POLICY
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _wants_fragment() -> bool:
    return request.headers.get("HX-Request-Type") == "partial"


def _routes(app: Flask) -> None:
    def shows(name: str, **values: Any) -> Any:
        return lambda: render_template(f"gallery/{name}.html", people=PEOPLE, **values)

    for name in ("list", "facts", "empty", "card", "pieces"):
        app.add_url_rule(f"/{name}", name, shows(name))
    app.add_url_rule("/", "core.home", lambda: redirect("/list", 303))
    app.add_url_rule("/manifest.webmanifest", "core.manifest", lambda: Response("{}", mimetype="application/json"))
    app.add_url_rule("/rows", "rows", lambda: render_template("gallery/_list.html", people=PEOPLE[::-1]))
    app.add_url_rule(
        "/work", "work", lambda: render_template("gallery/work.html", jobs=[work(9400), work(26144, "done")])
    )
    app.add_url_rule("/busy/poll", "poll", lambda: render_template("gallery/_work.html", job=work(26144, "done")))
    app.add_url_rule("/reveal", "reveal", lambda: render_template("gallery/_revealed.html"), methods=["POST"])
    app.add_url_rule("/form", "form", form, methods=["GET", "POST"])
    app.add_url_rule("/said", "said", said)
    app.add_url_rule("/broken", "broken", broken, methods=["GET", "POST"])
    app.add_url_rule("/error/<int:code>", "error", error)
    app.add_url_rule("/preferences", "core.preferences", preferences, methods=["POST"])
    app.add_url_rule("/sign-out", "auth.sign_out", lambda: redirect("/card", 303), methods=["POST"])


def form() -> ResponseReturnValue:
    refused = request.method == "POST" or "wrong" in request.args
    page = "gallery/_form.html" if _wants_fragment() else "gallery/form.html"
    return render_template(page, form=household_form(wrong=refused)), 422 if request.method == "POST" else 200


def said() -> ResponseReturnValue:
    flash(
        {"text": "3 leads toegewezen aan Bob Smit.", "action_url": "/said", "action_label": "Ongedaan maken"}, "success"
    )
    flash("De import is gestopt. Wat al binnen was, staat in de lijst.", "warning")
    return render_template("gallery/list.html", people=PEOPLE)


def broken() -> ResponseReturnValue:
    code = 419 if request.method == "POST" else 500
    headers = {"HX-Retarget": "#notices", "HX-Reswap": "beforeend", "HX-Push-Url": "false", "X-CSRF-Token": "fresh"}
    return render_template("core/_error.html", code=code, reference="7f3a-91c2"), code, headers


def error(code: int) -> ResponseReturnValue:
    typed = [("note", "Belt liefst na zes uur")] if code == 419 else []
    return render_template(
        "core/error.html", code=code, typed=typed, typed_to="/form", reference="7f3a-91c2" if code == 500 else ""
    ), code


def preferences() -> ResponseReturnValue:
    session["language"] = request.form.get("language", "nl")
    response = Response(status=204) if "HX-Request" in request.headers else redirect(request.form.get("next", "/"), 303)
    if "theme" in request.form:
        response.set_cookie("theme", request.form["theme"])
    return response  # type: ignore[return-value]
