"""The kinds of news that plugins declare."""

from leadcrm.core.plugin import NewsKind, plugins
from leadcrm.core.scope import Viewer


class UnknownKind(KeyError):
    """No plugin declares news of this name."""


def kinds() -> dict[str, NewsKind]:
    """By name, in the order of the plugins."""
    return {kind.name: kind for plugin in plugins() for kind in plugin.news}


def kind_named(name: str) -> NewsKind:
    try:
        return kinds()[name]
    except KeyError:
        raise UnknownKind(f"no plugin declares the news {name!r}: put it into its Plugin.news") from None


def offered_to(viewer: Viewer) -> list[NewsKind]:
    """What this person may ever hear of, and so choose how."""
    return [kind for kind in kinds().values() if not kind.permission or viewer.can(kind.permission)]
