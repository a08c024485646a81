"""`make audit`: known weaknesses of what we depend on, secrets that were committed, and locks without digests.

The services that know the weaknesses (PyPI's, npm's) cannot be asked from everywhere; then that is said, and what can
be seen without them is still checked: every package is pinned by a digest and comes from a registry.
"""

import json
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
SECRETS = {
    "a private key": r"-----BEGIN (?:RSA |EC |OPENSSH |PGP |DSA )?PRIVATE KEY",
    "a Databricks token": r"\bdapi[0-9a-f]{32}\b",
    "an AWS key": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "an OpenAI or Anthropic key": r"\bsk-(?:ant-|proj-)?[A-Za-z0-9_-]{32,}",
    "a GitHub token": r"\bgh[pousr]_[A-Za-z0-9]{36,}\b|\bgithub_pat_[A-Za-z0-9_]{60,}",
    "a Google key": r"\bAIza[0-9A-Za-z_-]{35}\b",
    "a Slack token": r"\bxox[abprs]-[0-9A-Za-z-]{20,}",
    "a signed web token": r"\beyJ[A-Za-z0-9_-]{20,}\.eyJ[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}",
    "a password in an address": r"\b[a-z][a-z0-9+]*://[^\s:/@'\"<{$]+:(?!password@|secret@)[^\s:/@'\"<{$]{6,}@[a-z0-9.-]+\.[a-z]{2,}",
}
"""What is never to be committed, in the forms that their makers document."""
TEXT_LIMIT = 2_000_000


def secrets(root: Path = ROOT) -> list[str]:
    """Where something that looks like a secret stands, without the secret itself."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, check=True, capture_output=True).stdout
    found = []
    for name in filter(None, listed.decode().split("\0")):
        path = root / name
        if not path.is_file() or path.stat().st_size > TEXT_LIMIT:
            continue
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        found += [
            f"{name}:{text.count(chr(10), 0, match.start()) + 1}: {kind}"
            for kind, pattern in SECRETS.items()
            for match in re.finditer(pattern, text)
        ]
    return found


def unpinned(root: Path = ROOT) -> list[str]:
    """Packages whose lock has no digest, or that come from elsewhere than a registry."""
    found = []
    for package in tomllib.loads((root / "uv.lock").read_text())["package"]:
        source, name = package["source"], package["name"]
        if "editable" in source or "virtual" in source:
            continue
        files = [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]
        if "registry" not in source or not files or not all("hash" in file for file in files):
            found.append(f"uv.lock: {name}")
    for lock in ("frontend/package-lock.json", "frontend/avatar/package-lock.json"):
        for name, package in json.loads((root / lock).read_text())["packages"].items():
            inside = not name or package.get("link") or package.get("inBundle")
            pinned = package.get("integrity") and package.get("resolved", "https:").startswith("https:")
            if not inside and not pinned:
                found.append(f"{lock}: {name}")
    return found


def known_weaknesses() -> tuple[list[str], list[str]]:
    """(weaknesses that are known of what is installed for users, services that could not be asked)."""
    weak, away = [], []
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder) / "requirements.txt"
        export = ["uv", "export", "--frozen", "--quiet", "--all-extras", "--no-default-groups", "--no-emit-project"]
        subprocess.run([*export, "-o", str(wanted)], cwd=ROOT, check=True)
        audit = [
            "pip-audit",
            "-r",
            str(wanted),
            "--disable-pip",
            "--require-hashes",
            "--progress-spinner",
            "off",
            "-f",
            "json",
        ]
        done = subprocess.run([sys.executable, "-m", *[a.replace("pip-audit", "pip_audit") for a in audit]],
                              check=False, capture_output=True, text=True, timeout=300)  # fmt: skip
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        packages = []
    if not packages or all("skip_reason" in package for package in packages):
        away.append("PyPI's list of weaknesses")
    for package in packages:
        weak += [f"{package['name']} {package.get('version', '')}: {one['id']}" for one in package.get("vulns", [])]
    npm = subprocess.run(["npm", "audit", "--omit=dev", "--json"], cwd=ROOT / "frontend",
                         check=False, capture_output=True, text=True, timeout=300)  # fmt: skip
    try:
        weak += [f"npm {name}: {one['severity']}" for name, one in json.loads(npm.stdout)["vulnerabilities"].items()]
    except (ValueError, KeyError):
        away.append("npm's list of weaknesses")
    return weak, away


def main() -> None:
    """Say what was found; the exit status tells whether something was."""
    weak, away = known_weaknesses()
    found = [*weak, *secrets(), *unpinned()]
    for one in found:
        print(one)
    for service in away:
        print(f"{service} could not be asked from here.", file=sys.stderr)
    print(f"{len(found)} found" + (f", {len(away)} not looked at" if away else ""))
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
