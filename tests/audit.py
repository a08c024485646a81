"""`make audit`: known weaknesses of what we depend on, secrets that were committed, and locks without digests.

The services that know the weaknesses (PyPI's, npm's) cannot be asked from everywhere; then the report says plainly what
was not looked at, and what can be seen without them is still checked: every package is pinned by a digest and comes
from a registry. `--strict`, for a release, fails when anything could not be checked.
"""

import json
import re
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass, field
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


@dataclass(frozen=True, slots=True)
class Check:
    """One of the audit's checks: what it found, or why it could not be made. `of` is what it looks at."""

    of: str
    found: list[str] = field(default_factory=list)
    unmade: str = ""

    def __str__(self) -> str:
        if self.unmade:
            return f"NOT CHECKED  {self.of}: {self.unmade}"
        return f"{'FOUND' if self.found else 'fine':11}  {self.of}" + "".join(
            f"\n             {one}" for one in self.found
        )


def of_python() -> Check:
    """Known weaknesses of the Python packages that users install, extras included, by PyPI's list."""
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder) / "requirements.txt"
        export = ["uv", "export", "--frozen", "--quiet", "--all-extras", "--no-default-groups", "--no-emit-project"]
        subprocess.run([*export, "-o", str(wanted)], cwd=ROOT, check=True)
        count = len(re.findall(r"^[A-Za-z0-9]", wanted.read_text(), re.MULTILINE))
        audit = ["-r", str(wanted), "--disable-pip", "--require-hashes", "--progress-spinner", "off", "-f", "json"]
        done = _run([sys.executable, "-m", "pip_audit", *audit], ROOT)
    of = f"known weaknesses of {count} Python packages"
    try:
        packages = json.loads(done)["dependencies"]
    except (ValueError, KeyError):
        packages = []
    if not packages:
        return Check(of, unmade="PyPI did not answer")
    if skipped := [package["name"] for package in packages if "skip_reason" in package]:
        return Check(of, unmade=f"PyPI did not answer for {len(skipped)} of them, {skipped[0]} for one")
    return Check(of, [f"{one['name']} {one.get('version', '')}: {weak['id']}"
                      for one in packages for weak in one.get("vulns", [])])  # fmt: skip


def of_npm() -> Check:
    """Known weaknesses of the packages in the client, by npm's list."""
    of = "known weaknesses of the client's npm packages"
    try:
        found = json.loads(_run(["npm", "audit", "--omit=dev", "--json"], ROOT / "frontend"))["vulnerabilities"]
    except (ValueError, KeyError):
        return Check(of, unmade="npm's registry did not answer")
    return Check(of, [f"{name}: {one['severity']}" for name, one in found.items()])


def _run(command: list[str], where: Path) -> str:
    """What *command* prints; nothing if it takes too long or is not there."""
    try:
        return subprocess.run(command, cwd=where, check=False, capture_output=True, text=True, timeout=300).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""


def report(checks: list[Check]) -> str:
    """All of them, and in the end what was not looked at."""
    found = sum(len(check.found) for check in checks)
    lines = [*map(str, checks), f"{found} problem{'' if found == 1 else 's'} found."]
    if unmade := [check for check in checks if check.unmade]:
        lines.append(
            f"{len(unmade)} of {len(checks)} checks could not be made here, so this says nothing about "
            + " and ".join(check.of for check in unmade)
            + ". Run `make audit` where pypi.org and registry.npmjs.org can be reached."
        )
    return "\n".join(lines)


def main() -> None:
    """Say what was found. The exit status is 1 if something was; with --strict, 2 if something could not be checked."""
    checks = [
        Check("secrets in what is committed", secrets()),
        Check("locks: digests and registries of all packages", unpinned()),
        of_python(),
        of_npm(),
    ]
    print(report(checks))
    if any(check.found for check in checks):
        sys.exit(1)
    sys.exit(2 if "--strict" in sys.argv and any(check.unmade for check in checks) else 0)


if __name__ == "__main__":
    main()
