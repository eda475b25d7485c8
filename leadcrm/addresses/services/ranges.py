"""Ranges as people type them: one address or a CIDR range, IPv4 or IPv6, in one canonical form."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv6Network, ip_network

from flask_babel import format_decimal
from flask_babel import gettext as _

from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.proxy import Address, Network

LONGEST = 64  # characters
WIDE = {4: 16, 6: 32}  # what is wider than this admits whole providers
SHAPE = re.compile(r"[0-9A-Fa-f.:]+(/[0-9]{1,3})?")


@dataclass(frozen=True)
class Entry:
    """One line of a list."""

    network: Network
    label: str = ""


def parse(typed: str) -> Network:
    """Raises Invalid: no zone, no netmask in dots, and nothing that means something else than it says."""
    text = typed.strip()
    if len(text) > LONGEST or not SHAPE.fullmatch(text):
        raise Invalid(_("This is no IP address or range, such as 203.0.113.7 or 203.0.113.0/24."))
    try:
        network = _unmapped(ip_network(text, strict=False))
    except ValueError:
        raise Invalid(_("This is no IP address or range, such as 203.0.113.7 or 203.0.113.0/24.")) from None
    if network.prefixlen == 0:
        raise Invalid(_("This is the whole internet. Leave the list empty when everybody may come from everywhere."))
    if _has_host_bits(text):
        raise Invalid(_("Type %(range)s for the whole range, or %(one)s for the one address.",
                        range=str(network), one=text.partition("/")[0]))
    return network


def _unmapped(network: Network) -> Network:
    """IPv4 written as IPv6 (::ffff:…) is IPv4: that is what a client's address looks like to us."""
    inner = network.network_address.ipv4_mapped if isinstance(network, IPv6Network) else None
    if inner is None:
        return network
    if network.prefixlen < 96:
        raise ValueError(f"{network} covers more than the mapped addresses")
    return ip_network((inner, network.prefixlen - 96), strict=False)


def _has_host_bits(text: str) -> bool:
    """`203.0.113.7/24`: who typed it meant one address, or the whole range; we do not guess."""
    try:
        ip_network(text)
    except ValueError:
        return True
    return False


def shown(network: Network) -> str:
    """One address as an address, the rest as a range."""
    return str(network.network_address) if network.num_addresses == 1 else str(network)


def around(address: Address) -> Network:
    """What to admit of somebody's own address: it alone, or the /64 in which a device changes its IPv6 address."""
    return ip_network((address, 32 if address.version == 4 else 64), strict=False)


def admit(networks: Sequence[Network], address: Address | None) -> bool:
    """As the function of the database says it, for lists that are not saved yet."""
    return not networks or any(address is not None and address in network for network in networks)


def touch(networks: Sequence[Network], other: Network) -> bool:
    return not networks or any(within(network, other) or within(other, network) for network in networks)


def within(inner: Network, outer: Network) -> bool:
    return inner.version == outer.version and inner.subnet_of(outer)  # type: ignore[arg-type]  # of one version


def warnings(entries: Sequence[Entry]) -> Iterator[str]:
    """What may be meant, and often is not."""
    networks = [entry.network for entry in entries]
    for network in networks:
        yield from _about(network)
    for inner in networks:
        for outer in networks:
            if inner != outer and within(inner, outer):
                yield _("%(inner)s lies within %(outer)s already.", inner=shown(inner), outer=shown(outer))


def _about(network: Network) -> Iterator[str]:
    if network.prefixlen < WIDE[network.version]:
        yield _("%(range)s is very wide: %(count)s addresses, of whole providers.", range=shown(network),
                count=f"2^{128 - network.prefixlen}" if network.version == 6 else format_decimal(network.num_addresses))
    if network.is_loopback or network.is_link_local or network.is_multicast:
        yield _("Nobody ever comes from %(range)s.", range=shown(network))
    elif network.is_private:
        yield _("%(range)s is private: it is only seen when the server stands in your own network.",
                range=shown(network))
    elif network.version == 6 and network.prefixlen > 64:
        yield _("A device changes its IPv6 address: admit the /64 around %(range)s.", range=shown(network))


def canonical_range(value: object) -> Network:
    """What the database hands out, whichever type the driver gives it."""
    return ip_network(str(value))
