"""The Chromium of this machine, told to talk to nobody but us."""

from pathlib import Path

CHROMIUM = next((path for path in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(path).exists()), "")
MISSING = "there is no Chromium here (apt install chromium): nobody walked through the product"
ARGUMENTS = [
    "--no-sandbox",  # root in a container has none
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
]
