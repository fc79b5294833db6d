# SPDX-License-Identifier: GPL-2.0-or-later
"""A PostgreSQL server of the tests' own, in a directory of its own, ended with them."""
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from processes import Port

PASSWORD = "pa55-word"


def find_programs():
    """The directory with initdb: Debian keeps it out of PATH, one for each version."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    places += [Path(found).parent for found in [shutil.which("initdb")] if found]
    return next((place for place in places if (place / "initdb").exists() and (place / "psql").exists()), None)


def is_running(process):
    """Not buried yet, and no zombie either."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


class Server:
    def __init__(self, settings=()):
        self.programs = find_programs()
        self.directory = Path(tempfile.mkdtemp(prefix="nestready-pg-", dir="/tmp"))
        self.data = self.directory / "data"
        self.count = 0
        self.user, self.as_user = None, []
        if os.geteuid() == 0:  # which initdb refuses to run as
            names = {entry.pw_name for entry in pwd.getpwall()}
            self.user = "postgres" if "postgres" in names else "nobody"
            self.as_user = ["setpriv", f"--reuid={self.user}", "--clear-groups", "--"]
            shutil.chown(self.directory, self.user)
        os.chmod(self.directory, 0o700)
        self.held = Port()  # kept while the server is down
        self.port = self.held.number
        (self.directory / "password").write_text(PASSWORD)
        os.chmod(self.directory / "password", 0o644)
        self.run("initdb", "-D", self.data, "-U", "tester", "-A", "trust", "-E", "UTF8",
                 "--locale=C.UTF-8", f"--pwfile={self.directory}/password")
        with open(self.data / "postgresql.conf", "a", encoding="ascii") as file:
            file.write(f"listen_addresses = '127.0.0.1'\nport = {self.port}\n"
                       f"unix_socket_directories = '{self.directory}'\nmax_connections = 60\n"
                       "shared_buffers = 32MB\nlog_min_messages = fatal\n" + "\n".join(settings) + "\n")
        (self.data / "pg_hba.conf").write_text(
            "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n")
        self.start()

    def run(self, program, *arguments, check=True):
        return subprocess.run([*self.as_user, self.programs / program, *arguments], check=check,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd="/")

    def start(self):
        """As a child, so that who is killed can be buried: its place is not free before."""
        with open(self.directory / "log", "ab") as log:
            self.process = subprocess.Popen([*self.as_user, self.programs / "postgres", "-D", self.data], cwd="/",
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        for _ in range(600):
            ready = self.run("pg_isready", "-q", "-h", self.directory, "-p", str(self.port), check=False)
            if ready.returncode == 0:
                return
            assert self.process.poll() is None, (self.directory / "log").read_text()
            time.sleep(0.05)
        raise AssertionError((self.directory / "log").read_text())

    def stop(self, how=signal.SIGINT):
        """SIGINT: in peace, SIGQUIT: at once."""
        self.process.send_signal(how)
        self.process.wait()

    def kill(self):
        """As if the machine had lost its power, but for what the kernel holds: no last words.

        Stopped before its children are listed: one forked between the two would live on, keep the shared memory, and
        the next server would refuse to start."""
        parent = self.process.pid
        self.process.send_signal(signal.SIGSTOP)
        os.waitpid(parent, os.WUNTRACED)
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        for child in children:
            os.kill(int(child), signal.SIGKILL)  # there, if only as a zombie: who would bury it is stopped
        self.process.kill()
        self.process.wait()
        while any(is_running(child) for child in children):
            time.sleep(0.001)

    def end(self):
        self.stop(signal.SIGQUIT)
        self.held.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    def sql(self, text, database="postgres"):
        """Rows, each a list of texts."""
        done = self.run("psql", "-X", "-q", "-At", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-h", self.directory, "-p",
                        str(self.port), "-U", "tester", "-c", text, database, check=False)
        assert done.returncode == 0, done.stderr
        return [line.split("\t") for line in done.stdout.splitlines()]

    def database(self):
        """The URL of a new, empty database."""
        self.count += 1
        self.sql(f"CREATE DATABASE db{self.count}")
        return Url(self, f"db{self.count}")


class Url(str):
    """Of a database of a server, with which it can be looked at besides."""

    def __new__(cls, server, name):
        made = super().__new__(cls, f"postgresql://tester@/{name}?host={server.directory}&port={server.port}")
        made.server, made.name = server, name
        return made

    def sql(self, text):
        return self.server.sql("SET search_path = nestready; " + text, self.name)

    @property
    def tcp(self):
        return f"postgresql://tester:{PASSWORD}@127.0.0.1:{self.server.port}/{self.name}"
