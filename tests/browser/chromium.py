"""Finds a Chromium for the tests, or installs one: `python -m tests.browser.chromium`."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str | None:
    """The path of a Chromium: $CHROMIUM, one of the system's, or Playwright's own; None if there is none."""
    if named := os.environ.get("CHROMIUM"):
        return named
    if found := next(filter(None, map(shutil.which, NAMES)), None):
        return found
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


def install() -> None:
    """Debian's package where that is possible, else Playwright's own build."""
    if shutil.which("apt-get") and os.geteuid() == 0:
        print("Installing Chromium (Debian's package) ...", flush=True)
        apt = ["apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
        subprocess.run([*apt, "update"], check=False, stdout=subprocess.DEVNULL)
        subprocess.run([*apt, "install", "-y", "chromium"], check=False, stdout=subprocess.DEVNULL)
        if find():
            return
    print("Installing Chromium (Playwright's build) ...", flush=True)
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


def main() -> None:
    """Make sure that there is one, or say what to do."""
    if not find():
        install()
    if not find():
        sys.exit(
            "The browser tests need Chromium, and it could not be installed here. Install it by hand "
            "(Debian: apt install chromium) or name it: CHROMIUM=/path/to/chromium make test"
        )


if __name__ == "__main__":
    main()
