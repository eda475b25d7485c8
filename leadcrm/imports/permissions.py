"""Who may bring in files of leads; their scope says which imports they see."""

from enum import StrEnum


class Imports(StrEnum):
    RUN = "imports.run"
