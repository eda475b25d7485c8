"""`python -m leadcrm.core.assets build`: make the bundles from node_modules and the static folders of the plugins."""

import sys
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

from leadcrm.core.assets import DIST
from leadcrm.core.assets.build import BuildError, build

LEADCRM = Path(__file__).parents[2]


def packages() -> list[Path]:
    """The folders of core, of every plugin of ours and of the installed outside plugins."""
    ours = [folder for folder in sorted(LEADCRM.iterdir()) if (folder / "__init__.py").exists()]
    outside = [find_spec(found.module.rpartition(".")[0]) for found in entry_points(group="leadcrm.plugins")]
    return ours + [Path(spec.origin).parent for spec in outside if spec and spec.origin]


def main(arguments: list[str]) -> int:
    if arguments != ["build"]:
        print("usage: python -m leadcrm.core.assets build", file=sys.stderr)
        return 2
    try:
        names = build(LEADCRM.parent / "node_modules", packages(), DIST)
    except BuildError as error:
        print(f"assets: {error}", file=sys.stderr)
        return 1
    print(f"assets: {len(names)} files in {DIST.relative_to(LEADCRM.parent)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
