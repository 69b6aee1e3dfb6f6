"""A Kerberos realm and an Apache of our own, for the test of signing in without signing in.

Debian's own programs, in a folder of their own and on free ports of the loopback: nothing in /etc is read or written.
"""

import os
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

REALM = "TEST.EXAMPLE"
PROGRAMS = ("krb5kdc", "kdb5_util", "kadmin.local", "kinit", "apache2", "curl")
MODULES = Path("/usr/lib/apache2/modules")
EXAMPLE = Path(__file__).resolve().parents[2] / "deploy" / "kerberos" / "apache.conf"

#: Where Apache speaks to Plein from: another address than that of whoever speaks to Plein without it.
PROXY = "127.0.0.2"

_START_SECONDS = 20
_SEARCH = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))

KRB5_CONF = """
[libdefaults]
default_realm = {realm}
dns_lookup_kdc = false
dns_lookup_realm = false
dns_canonicalize_hostname = false
rdns = false
default_ccache_name = FILE:{folder}/nobody

[realms]
{realm} = {{
    kdc = 127.0.0.1:{port}
}}

[domain_realm]
localhost = {realm}
"""

KDC_CONF = """
[kdcdefaults]
kdc_listen = 127.0.0.1:{port}
kdc_tcp_listen = 127.0.0.1:{port}

[realms]
{realm} = {{
    database_name = {folder}/principals
    key_stash_file = {folder}/stash
    max_life = 1h
}}

[logging]
kdc = FILE:{folder}/kdc.log
"""

APACHE_CONF = """
ServerName localhost
ServerRoot {folder}
DefaultRuntimeDir {folder}
PidFile {folder}/apache.pid
Mutex file:{folder}
ErrorLog {folder}/apache.log
Listen 127.0.0.1:{port}
{modules}
Define PLEIN_WITHOUT_TLS
Define PLEIN_ADDRESS http://127.0.0.1:{plein_port}
Define PLEIN_KEYTAB {folder}/http.keytab
ProxySourceAddress {proxy}
Include {example}
"""

_LOADED = ("mpm_event", "authn_core", "authz_core", "authz_user", "headers", "proxy", "proxy_http", "auth_gssapi")


def program(name: str) -> str:
    """The path of a program, also one that only root has on its path; a failure where it is missing."""
    found = shutil.which(name, path=_SEARCH)
    if found is None:
        pytest.fail(
            f"The tests need {name}. Install it with: apt-get install krb5-kdc krb5-admin-server krb5-user apache2-bin "
            "libapache2-mod-auth-gssapi curl (what Debian starts is not used).",
            pytrace=False,
        )
    return found


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


class Realm:
    """A realm with the people *anna* and whom else a test adds, its key server, and an Apache in front of Plein.

    :ivar port: of Apache.
    """

    def __init__(self, folder: Path, plein_port: int) -> None:
        for name in PROGRAMS:
            program(name)
        self.folder = folder
        self.port, self.kdc_port = free_port(), free_port()
        self.environment = {
            "PATH": _SEARCH,
            "KRB5_CONFIG": str(folder / "krb5.conf"),
            "KRB5_KDC_PROFILE": str(folder / "kdc.conf"),
            "KRB5RCACHEDIR": str(folder),
            "TMPDIR": str(folder),
        }
        values = {"realm": REALM, "folder": folder, "port": self.kdc_port}
        (folder / "krb5.conf").write_text(KRB5_CONF.format(**values), encoding="utf-8")
        (folder / "kdc.conf").write_text(KDC_CONF.format(**values), encoding="utf-8")
        modules = "\n".join(f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in _LOADED)
        values = {
            "folder": folder,
            "port": self.port,
            "plein_port": plein_port,
            "example": EXAMPLE,
            "modules": modules,
            "proxy": PROXY,
        }
        (folder / "apache.conf").write_text(APACHE_CONF.format(**values), encoding="utf-8")
        self._running: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        self.run("kdb5_util", "create", "-s", "-r", REALM, "-P", "only for tests")
        self.add("HTTP/localhost", "http.keytab")
        self.add("anna", "anna.keytab")
        self._serve("krb5kdc", "-n", "-r", REALM)
        self._serve("apache2", "-D", "FOREGROUND", "-f", str(self.folder / "apache.conf"))
        self._wait(self.kdc_port)
        self._wait(self.port)

    def add(self, principal: str, keytab: str) -> None:
        """A new principal with a random key, kept in the file *keytab*."""
        self.run("kadmin.local", "-r", REALM, "addprinc", "-randkey", principal)
        self.run("kadmin.local", "-r", REALM, "ktadd", "-k", str(self.folder / keytab), principal)

    def ticket(self, person: str) -> dict[str, str]:
        """Sign *person* in to the realm, as their computer would in the morning; gives the environment for curl."""
        with_ticket = {**self.environment, "KRB5CCNAME": f"FILE:{self.folder}/{person}.ccache"}
        self.run("kinit", "-k", "-t", str(self.folder / f"{person}.keytab"), person, env=with_ticket)
        return with_ticket

    def run(self, name: str, *arguments: str, env: dict[str, str] | None = None) -> str:
        command = [program(name), *arguments]
        done = subprocess.run(
            command, env=env or self.environment, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, f"{name} failed: {done.stderr or done.stdout}"
        return done.stdout

    def _serve(self, name: str, *arguments: str) -> None:
        command = [program(name), *arguments]
        wrap: list[str] = []
        if os.geteuid() == 0:
            # Apache refuses to serve as root.
            for path in (self.folder, *self.folder.iterdir()):
                shutil.chown(path, "www-data", "www-data")
            wrap = ["--reuid", "www-data", "--regid", "www-data", "--init-groups"]
        if shutil.which("setpriv"):
            # Ends with us, also when we are killed.
            command = ["setpriv", "--pdeathsig", "TERM", *wrap, *command]
        with (self.folder / f"{name}.out").open("wb") as out:
            self._running.append(
                subprocess.Popen(command, env=self.environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
            )

    def _wait(self, port: int) -> None:
        end = time.monotonic() + _START_SECONDS
        while time.monotonic() < end:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise RuntimeError(f"nothing listens on {port}: {self.said()}")

    def said(self) -> str:
        """The ends of what the two servers wrote."""
        files = [*self.folder.glob("*.out"), *self.folder.glob("*.log")]
        return "\n".join(f"{file.name}: {file.read_text(errors='replace')[-1500:]}" for file in files)

    def stop(self) -> None:
        for process in reversed(self._running):
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)

    def curl(
        self, path: str, *arguments: str, env: dict[str, str] | None = None, port: int = 0, follow: bool = True
    ) -> "Answer":
        """What a browser of somebody gets at *path*, with cookies kept for this one question.

        :param port: of Plein itself, to go around Apache.
        """
        options = ["--silent", "--show-error", "--ipv4", "--max-time", "20", "--cookie", ""]
        options += ["--location"] if follow else []
        written = ["--write-out", "\n%{http_code} %{url_effective} %{num_redirects} %{redirect_url}"]
        address = f"http://localhost:{port or self.port}{path}"
        text = self.run("curl", *options, *written, *arguments, address, env=env)
        body, _line, last = text.rpartition("\n")
        status, url, redirects, goes_to = (last + " ").split(" ")[:4]
        return Answer(int(status), url, int(redirects), goes_to, body)


@dataclass(frozen=True)
class Answer:
    """A page as somebody got it in the end; ``goes_to`` is the redirect that was not followed."""

    status: int
    url: str
    redirects: int
    goes_to: str
    body: str

    @property
    def is_form(self) -> bool:
        return 'name="password"' in self.body

    def shows(self, text: str) -> bool:
        return text in self.body
