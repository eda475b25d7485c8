"""Reading mailboxes."""


def poll_all() -> None:
    """Later."""
