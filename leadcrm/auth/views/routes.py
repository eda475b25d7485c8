"""The blueprint of the auth plugin; the other modules of this folder put their pages on it."""

from flask import request

from leadcrm.auth.services import devices
from leadcrm.auth.services.visitors import Visitor
from leadcrm.core.limits import limiter
from leadcrm.core.web import PluginBlueprint

bp = PluginBlueprint("auth", "leadcrm.auth")

# A flood at the door as such; the finer limits stand in services/attempts.py.
limiter.limit("300 per minute", methods=["POST"])(bp)


def visitor() -> Visitor:
    cookie = request.cookies.get(devices.COOKIE, "")
    return Visitor(request.remote_addr or "", request.headers.get("User-Agent", ""), cookie)
