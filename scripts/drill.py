"""A tenant goes from SQLite to PostgreSQL and back; see scripts/drill."""

import base64
import http.client
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
import time

BINARY, USERS = sys.argv[1], int(sys.argv[2])
PASSWORD = "correct horse battery staple"
CONSOLE = "/t/acme/apis/console/v1alpha1"
WRITES_A_SECOND = 200
WRITERS = 8
# What says what happened is not put back, who was signed in is not, and a job may still add keys.
HAPPENED = {
    "audit_event", "backup", "counter", "job", "job_attempt", "message", "refresh_token", "session", "signing_key", "stat",
}


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


# Nobody listens there.
SMTP_PORT = free_port()


class Instance:
    """A database with a server that can be started on it."""

    def __init__(self, home, name, database=None):
        self.port = free_port()
        self.data = os.path.join(home, name)
        self.name = name
        self.server = None
        clean = {key: value for key, value in os.environ.items() if not key.startswith("TENANTRY_")}
        self.environment = clean | {
            "TENANTRY_DATA_DIR": self.data,
            "TENANTRY_LISTEN": f"127.0.0.1:{self.port}",
            "TENANTRY_PUBLIC_URL": f"http://127.0.0.1:{self.port}",
            "TENANTRY_MASTER_KEY": base64.b64encode(b"a master key of drills, 32 bytes").decode().rstrip("="),
            "TENANTRY_ADMIN_PASSWORD": PASSWORD,
            "TENANTRY_LOG": "warn",
            "TENANTRY_SMTP_PORTS": str(SMTP_PORT),
        }
        if database:
            self.environment["TENANTRY_DATABASE_URL"] = database

    def command(self, *arguments, given=None):
        """Runs a command, and answers with what it said, its seconds and its peak of memory in MB."""
        began = time.monotonic()
        with tempfile.TemporaryFile() as said:
            child = subprocess.Popen(
                [BINARY, *arguments], env=self.environment, stdin=subprocess.PIPE, stdout=said, stderr=subprocess.STDOUT
            )
            child.stdin.write((given or "").encode())
            child.stdin.close()
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
            said.seek(0)
            text = said.read().decode()
        if child.returncode:
            sys.exit(f"tenantry {' '.join(arguments)}: {text}")
        return text, time.monotonic() - began, usage.ru_maxrss / 1024

    def start(self):
        self.server = subprocess.Popen([BINARY], env=self.environment, stdout=subprocess.DEVNULL)
        while not self.is_ready():
            if self.server.poll() is not None:
                sys.exit(f"the server on {self.name} ended")
            time.sleep(0.02)

    def is_ready(self):
        try:
            return Client(self).call("GET", "/readyz")[0] == 200
        except OSError:
            return False

    def stop(self):
        self.server.terminate()
        if self.server.wait():
            sys.exit(f"the server on {self.name} ended with {self.server.returncode}")

    def peak(self):
        """The most memory the server had, in MB."""
        with open(f"/proc/{self.server.pid}/status") as status:
            line = next(line for line in status if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024


class Client:
    """Somebody with a connection of their own."""

    def __init__(self, instance, token=None):
        self.connection = http.client.HTTPConnection("127.0.0.1", instance.port, timeout=60)
        self.token = token

    def call(self, method, path, body=None, kind="application/json"):
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if body is not None:
            headers["Content-Type"] = kind
            body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text[:1] in (b"{", b"[") else text

    def do(self, method, path, body=None, **kind):
        status, answer = self.call(method, path, body, **kind)
        if status not in (200, 201, 204):
            sys.exit(f"{method} {path}: {status} {answer}")
        return answer

    def sign_in(self, name):
        self.token = None
        tokens = self.do("POST", "/t/acme/v1/login", {"username": name, "password": PASSWORD})
        self.token, self.refresh = tokens["accessToken"], tokens["refreshToken"]
        return self

    def renew(self, refresh):
        """Gives a refresh token back, which no address of an issuer is part of; answers with the status."""
        self.token = None
        return self.call("POST", "/t/acme/v1/refresh", {"refreshToken": refresh})[0]


def side_by_side(instance, work):
    """Does this some times at once; each gets a client of the owner and its number."""
    failed = []
    token = Client(instance).sign_in("admin").token

    def one(number):
        try:
            work(Client(instance, token), number)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        sys.exit(f"{failed[0]}")


def make_user(client, number):
    new = {
        "name": f"user-{number}", "email": f"user-{number}@acme.example", "displayName": f"Üser {number} 用户",
        "labels": {"department": f"d{number % 17}"}, "roles": ["user", "clerk"] if number % 10 == 0 else ["user"],
    }
    if number % 100 == 0:
        new |= {"password": PASSWORD, "mustChangePassword": False}
    client.do("POST", f"{CONSOLE}/users", new)


def make_users(instance):
    # An access token lives for minutes: so many at a time.
    for first in range(0, USERS, 1000):
        part = range(first, min(first + 1000, USERS))
        side_by_side(instance, lambda client, number: [make_user(client, user) for user in part[number::WRITERS]])


def furnish(instance):
    admin = Client(instance).sign_in("admin")
    rules = [{"resources": ["users"], "verbs": ["get", "list"], "effect": "allow"}]
    role = {"metadata": {"name": "clerk"}, "spec": {"displayName": "Clerk", "inherits": []}, "rules": rules}
    admin.do("POST", f"{CONSOLE}/roles", role)
    admin.do("POST", f"{CONSOLE}/applications", {"preset": "web-server", "metadata": {"name": "shop"}})
    for number in range(20):
        head = f'--XX\r\nContent-Disposition: form-data; name="file"; filename="{number}.txt"\r\n\r\n'.encode()
        body = head + secrets.token_hex(50_000).encode() + b"\r\n--XX--\r\n"
        admin.do("POST", f"{CONSOLE}/attachments/upload", body, kind="multipart/form-data; boundary=XX")
    make_users(instance)


def leave_mail(instance):
    """A mail that waits for its relay, as it does when the backup is made."""
    admin = Client(instance).sign_in("admin")
    relay = {
        "displayName": "Relay", "host": "127.0.0.1", "port": SMTP_PORT, "encryption": "none",
        "fromAddress": "no-reply@acme.example", "enabled": True,
    }
    admin.do("POST", f"{CONSOLE}/senders", {"metadata": {"name": "relay"}, "spec": relay})
    admin.do("POST", f"{CONSOLE}/invitations", {"spec": {"email": "guest@acme.example"}})
    if admin.do("GET", f"{CONSOLE}/messages")["total"] != 1:
        sys.exit("no mail waits")


class Writing:
    """Writes that go on until they are stopped, at a pace."""

    def __init__(self, instance):
        self.took, self.stopped = [], threading.Event()
        self.began = time.monotonic()
        self.thread = threading.Thread(target=side_by_side, args=(instance, self.write))
        self.thread.start()

    def write(self, client, number):
        turn = 0
        while not self.stopped.is_set():
            due = self.began + (turn * WRITERS + number) / WRITES_A_SECOND
            time.sleep(max(0, due - time.monotonic()))
            began = time.monotonic()
            user = f"{CONSOLE}/users/user-{(turn * WRITERS + number) % USERS}"
            client.do("PATCH", user, {"spec": {"displayName": f"Renamed {turn}"}}, kind="application/merge-patch+json")
            self.took.append((began, time.monotonic() - began))
            turn += 1

    def stop(self, since, until):
        """Ends them, and answers with how many a second there were meanwhile, the median and the longest in ms."""
        self.stopped.set()
        self.thread.join()
        took = sorted(seconds for began, seconds in self.took if since <= began + seconds and began <= until)
        if not took:
            sys.exit("nothing was written while the backup was made")
        return len(took) / (until - since), took[len(took) // 2] * 1000, took[-1] * 1000


def tables(said):
    """The rows and their hash by the table, as `backup verify` says them."""
    rows = [line.split() for line in said.splitlines() if line.startswith("  ")]
    return {row[0]: tuple(row[1:]) for row in rows if row[0] not in HAPPENED}


def back_up(instance, folder, what):
    said, seconds, peak = instance.command("backup", "create", "--tenant", "acme", "--to", folder)
    file = said.split(": ")[0]
    read, reading, _ = instance.command("backup", "verify", file)
    print(f"{what:<34} {seconds:6.1f} s {peak:6.0f} MB   file {os.path.getsize(file) / 1e6:.1f} MB, read back in {reading:.1f} s")
    return file, tables(read)


def restore(instance, file, what):
    _, seconds, peak = instance.command("restore", file, "--yes")
    print(f"{what:<34} {seconds:6.1f} s {peak:6.0f} MB")
    said, _, _ = instance.command("audit", "verify")
    if "intact" not in said:
        sys.exit(f"the audit trail of {what}: {said}")


def compare(one, other, what):
    differ = sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))
    if differ or not one:
        sys.exit(f"{what}: not the same: " + ", ".join(f"{name} {one.get(name)} {other.get(name)}" for name in differ))
    print(f"{what}: {len(one)} tables are the same, row by row")


def look(instance, ended):
    """Old passwords work, what was ended or signed in before is over, and no mail leaves."""
    instance.start()
    for refresh in ended:
        status = Client(instance).renew(refresh)
        if status != 401:
            sys.exit(f"{instance.name}: a session of before the restore answers {status}")
    for name in ["admin", "user-0"]:
        Client(instance).sign_in(name)
    admin = Client(instance).sign_in("admin")
    users = admin.do("GET", f"{CONSOLE}/users?size=1")["total"]
    states = [item["status"]["state"] for item in admin.do("GET", f"{CONSOLE}/messages")["items"]]
    if (users, states) != (USERS + 1, ["failed"]):
        sys.exit(f"{instance.name}: {users} users, mails {states}")
    instance.stop()


def main():
    with tempfile.TemporaryDirectory(prefix="tenantry-drill-") as home:
        source = Instance(home, "SQLite")
        middle = Instance(home, "PostgreSQL", os.environ["TEST_DATABASE_URL"] + "/tenantry")
        last = Instance(home, "SQLite again")
        source.start()
        source.command(
            "tenant", "create", "acme", "--owner", "admin", "--owner-email", "admin@acme.example", "--password-stdin",
            given=PASSWORD,
        )
        began = time.monotonic()
        furnish(source)
        print(f"{USERS} users made in {time.monotonic() - began:.1f} s")
        over, stays, control = [Client(source).sign_in("user-0") for _ in range(3)]
        over.do("POST", "/t/acme/v1/logout", {})
        leave_mail(source)
        writing = Writing(source)
        time.sleep(2)
        since = time.monotonic()
        file, made = back_up(source, home, "backup on SQLite, written to")
        rate, median, longest = writing.stop(since, time.monotonic())
        print(f"meanwhile {rate:.0f} writes/s, median {median:.1f} ms, longest {longest:.0f} ms; server {source.peak():.0f} MB")
        # Where nothing was ended, a refresh token is good.
        if (Client(source).renew(control.refresh), Client(source).renew(over.refresh)) != (200, 401):
            sys.exit("a session that lives is not renewed, or one that was ended is")
        source.stop()

        ended = [over.refresh, stays.refresh]
        for to, name in [(middle, "PostgreSQL"), (last, "SQLite")]:
            restore(to, file, f"restore on {name}")
            file, again = back_up(to, home, f"backup on {name}")
            compare(made, again, f"as it was, and on {name}")
            look(to, ended)


main()
