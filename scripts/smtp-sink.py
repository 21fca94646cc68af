"""A mail server for tests: prints its port, then each message it accepts as one line of JSON.

It ends when its standard input closes, so a test that dies cannot leave one behind.
"""

import argparse
import asyncio
import email
import email.policy
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int, nargs="?", default=0, help="0 takes a free one")
    parser.add_argument("--fail-first", type=int, default=0, metavar="N", help="answer 451 to the first N messages")
    parser.add_argument("--reject", action="store_true", help="answer 550 to every message")
    parser.add_argument("--delay", type=float, default=0, metavar="SECONDS", help="wait before each answer to a message")
    parser.add_argument("--ehlo", metavar="NAME", help="answer 504 to whoever calls themselves otherwise")
    parser.add_argument("--silent-to", metavar="DOMAIN", help="never answer when mail is for this domain")
    parser.add_argument("--unknown-at", metavar="DOMAIN", help="know nobody of this domain")
    parser.add_argument("--auth", metavar="USER:PASSWORD", help="refuse mail from anyone else")
    parser.add_argument("--tls", nargs=2, metavar=("CERTIFICATE", "KEY"), help="offer STARTTLS")
    return parser.parse_args()


class Sink:
    def __init__(self, options):
        self.options = options
        self.failures = options.fail_first

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        if self.options.ehlo not in (None, hostname):
            return ["504 5.5.2 Helo command rejected: need fully-qualified hostname"]
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.options.silent_to and address.endswith("@" + self.options.silent_to):
            await asyncio.Event().wait()
        if self.options.unknown_at and address.endswith("@" + self.options.unknown_at):
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        await asyncio.sleep(self.options.delay)
        if self.options.reject:
            return "550 5.7.1 Refused"
        if self.failures > 0:
            self.failures -= 1
            return "451 4.3.0 Try again later"
        print(json.dumps(as_json(envelope, session)), flush=True)
        return "250 2.0.0 Accepted"

    def authenticate(self, server, session, envelope, mechanism, data):
        user, _, password = self.options.auth.partition(":")
        return AuthResult(success=data == LoginPassword(user.encode(), password.encode()), handled=False)


def as_json(envelope, session):
    message = email.message_from_bytes(envelope.content, policy=email.policy.default)

    def body(kind):
        part = message.get_body(preferencelist=(kind,))
        return part and part.get_content()

    return {
        "ehlo": session.host_name,
        "from": envelope.mail_from,
        "to": envelope.rcpt_tos,
        "headers": {name: str(value) for name, value in message.items()},
        "text": body("plain"),
        "html": body("html"),
        "raw": envelope.content.decode("utf-8", "replace"),
    }


async def main():
    options = arguments()
    sink = Sink(options)
    # Tests speak plain text over the loopback interface.
    auth = {"authenticator": sink.authenticate, "auth_required": True, "auth_require_tls": False} if options.auth else {}
    tls = {}
    if options.tls:
        tls["tls_context"] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls["tls_context"].load_cert_chain(*options.tls)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(sink, hostname="localhost", enable_SMTPUTF8=True, **auth, **tls), "127.0.0.1", options.port
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.buffer.read)


asyncio.run(main())
