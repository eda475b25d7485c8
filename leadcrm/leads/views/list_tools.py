"""What other plugins put above the list: menus, and the address with which somebody's list begins."""

from collections.abc import Callable
from dataclasses import dataclass

from leadcrm.core.web import address_of, may_open
from leadcrm.leads.views.list_state import ListState


@dataclass(frozen=True)
class Tool:
    """A menu that is fetched when it is opened: its endpoint gets the address of the list along."""

    endpoint: str
    label: Callable[[ListState], str]
    icon: str
    begins: Callable[[], str] | None = None  # what follows the question mark of this viewer's list, if anything


_tools: dict[str, Tool] = {}


def register(tool: Tool) -> None:
    _tools[tool.endpoint] = tool


def beginning() -> str:
    """With which address this viewer's list begins; empty when with all leads."""
    return next((address for tool in _tools.values() if tool.begins and (address := tool.begins())), "")


def tools_of(state: ListState) -> tuple[tuple[str, str, str], ...]:
    """Label, address and icon of every menu."""
    mine = (tool for tool in _tools.values() if may_open(tool.endpoint))
    return tuple((tool.label(state), state.at(address_of(tool.endpoint)), tool.icon) for tool in mine)
