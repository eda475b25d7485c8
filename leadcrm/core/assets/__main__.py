"""`python -m leadcrm.core.assets build`: make the bundles from node_modules and the static folders of the plugins."""

import sys

from leadcrm.core.assets import DIST
from leadcrm.core.assets.build import LEADCRM, NODE_MODULES, BuildError, build, packages


def main(arguments: list[str]) -> int:
    if arguments != ["build"]:
        print("usage: python -m leadcrm.core.assets build", file=sys.stderr)
        return 2
    try:
        names = build(NODE_MODULES, packages(), DIST)
    except BuildError as error:
        print(f"assets: {error}", file=sys.stderr)
        return 1
    print(f"assets: {len(names)} files in {DIST.relative_to(LEADCRM.parent)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
