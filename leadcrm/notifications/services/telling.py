"""Telling somebody something: a row in this transaction, and mail as they wish it.

tell() may be called by whoever acts, by jobs, and before there is a viewer: a definer function adds the row. The text
is kept in both languages, so `text` is lazy. It names nothing that the person may not see.
"""

from functools import partial
from typing import Any
from uuid import UUID

from flask_babel import force_locale
from sqlalchemy import func, select

from leadcrm.core.db import session
from leadcrm.core.fields.language import speaking
from leadcrm.core.jobs import defer
from leadcrm.core.scope import current_viewer
from leadcrm.notifications.jobs import mail_waiting
from leadcrm.notifications.models import Way
from leadcrm.notifications.services.kinds import kind_named

LONGEST_TEXT = 300


def tell(kind: str, user_id: UUID, text: Any, url: str, *, about: str = "", own: bool = False) -> None:
    """`kind` is one that a plugin declares (Plugin.news); `url` is a path of ours. Nobody hears of their own deeds.

    `own`: unless they asked for it and went on with something else, as with work that a job does for them.
    `about` names the matter, such as a lead's id: news of one kind about it replaces what is unread still.
    """
    if url and (url[0] != "/" or url[:2] == "//"):
        raise ValueError(f"{url} is no path of ours")
    declared = kind_named(kind)
    if user_id == current_viewer().user_id and not own:
        return
    nl, en = (said(text, language) for language in ("nl", "en"))
    usual = Way.MAIL if declared.mail else Way.APP
    told = partial(func.notifications_tell, user_id, kind, about[:80], nl, en)
    way = session.execute(select(told(url[:300], str(usual)))).scalar_one()
    if way == Way.MAIL:
        defer(mail_waiting, once="mail news")


def said(text: Any, language: str) -> str:
    """In both halves of our texts: phrases, and the words of facts and terms."""
    with force_locale(language), speaking(language):
        return str(text)[:LONGEST_TEXT]
