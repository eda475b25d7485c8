"""Work in the background: somebody does it, nothing waits too long, mail leaves over verified TLS."""

import smtplib
import ssl
from functools import partial
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import text

from leadcrm.core.doctor.report import Check, Group, Outcome, fail, ok, warn
from leadcrm.core.doctor.subject import Subject
from leadcrm.core.jobs import STALLED_AFTER_SECONDS
from leadcrm.core.outbox import connected as mail_server

LONGEST_MINUTES = 30
WORKERS = text("""
    SELECT count(*) FILTER (WHERE last_heartbeat > now() - make_interval(secs => :seconds)) AS alive
    FROM procrastinate.procrastinate_workers
""")
JOBS = text("""
    SELECT count(*) FILTER (WHERE status = 'todo') AS waiting,
           count(*) FILTER (WHERE status = 'failed') AS failed,
           count(*) FILTER (WHERE status = 'doing' AND (w.id IS NULL OR
             w.last_heartbeat < now() - make_interval(secs => :seconds))) AS stalled,
           coalesce(extract(epoch FROM now() - min(coalesce(j.scheduled_at, e.at))
             FILTER (WHERE status = 'todo' AND coalesce(j.scheduled_at, e.at) < now())), 0) / 60 AS oldest
    FROM procrastinate.procrastinate_jobs j
    LEFT JOIN procrastinate.procrastinate_workers w ON w.id = j.worker_id
    LEFT JOIN LATERAL (SELECT min(at) AS at FROM procrastinate.procrastinate_events e WHERE e.job_id = j.id) e ON true
""")
MAIL = text("""
    SELECT count(*) FILTER (WHERE problem IS NOT NULL) AS refused,
           count(*) FILTER (WHERE sent_at IS NULL AND problem IS NULL
                            AND created_at < now() - make_interval(mins => :minutes)) AS stuck
    FROM core_outbox
""")
FACTS = {"seconds": STALLED_AFTER_SECONDS, "minutes": LONGEST_MINUTES}


def _row(subject: Subject, statement: Any) -> Any:
    with subject.as_owner() as connection:
        wanted = {name: FACTS[name] for name in statement.compile().params}
        return connection.execute(statement, wanted).one()


def workers(subject: Subject) -> Outcome:
    alive = _row(subject, WORKERS).alive
    if not alive:
        return warn(_("no worker is alive"), _("`leadcrm serve` starts them, or run `leadcrm worker`"))
    return ok(_("%(count)d alive", count=alive))


def queue(subject: Subject) -> Outcome:
    row = _row(subject, JOBS)
    found = _("%(waiting)d waiting, the oldest for %(minutes)d minutes", waiting=row.waiting, minutes=int(row.oldest))
    if row.oldest > LONGEST_MINUTES:
        return warn(found, _("start a worker (`leadcrm worker`), or more of them"))
    return ok(found)


def failed(subject: Subject) -> Outcome:
    row = _row(subject, JOBS)
    found = _("%(failed)d failed, %(stalled)d stalled", failed=row.failed, stalled=row.stalled)
    if row.failed or row.stalled:
        return warn(found, _("the worker's log says why; a worker takes stalled ones up again"))
    return ok(found)


def outbox(subject: Subject) -> Outcome:
    row = _row(subject, MAIL)
    found = _("%(stuck)d mails wait too long, %(refused)d were refused", stuck=row.stuck, refused=row.refused)
    if row.stuck or row.refused:
        return warn(found, _("see whether the mail server takes our mail (`mail_server`)"))
    return ok(found)


def mail(subject: Subject) -> Outcome:
    """A real connection: the server's certificate is verified, or nothing is sent."""
    if subject.config.mail_server is None:
        return warn(_("no mail server: alerts and links wait in the outbox"), _("set `mail_server`"))
    try:
        mail_server(subject.config).quit()
    except ssl.SSLError as problem:
        remedy = _("mend its certificate, or set `mail_ca_file`")
        return fail(_("its certificate is not believed"), remedy, str(problem))
    except (OSError, smtplib.SMTPException) as problem:
        return fail(_("it does not let us in"), _("see the mail_ settings"), f"{type(problem).__name__}: {problem}")
    return ok(_("reached over TLS, certificate verified"))


_work = partial(Check, group=Group.WORK)
CHECKS = (
    _work("work.workers", _("Workers"), look=workers),
    _work("work.queue", _("Waiting jobs"), look=queue),
    _work("work.failed", _("Failed jobs"), look=failed),
    _work("work.outbox", _("Mail that waits"), look=outbox),
    _work("work.mail", _("Mail server"), look=mail),
)
