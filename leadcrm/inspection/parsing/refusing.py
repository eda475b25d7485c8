"""How a reader says no."""


class No(Exception):
    """`reason` is a value of services/reasons.py; `detail` is for logs."""

    def __init__(self, reason: str, detail: str = ""):
        super().__init__(reason, detail)
        self.reason, self.detail = reason, detail
