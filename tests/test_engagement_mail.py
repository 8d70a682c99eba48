"""E-mail: pages and codes go to an SMTP server of this machine, if one is named.

Real: the server process with `--smtp`, boto3, and an SMTP server on 127.0.0.1. Some servers that do
not work are sockets.
"""

from __future__ import annotations

import email
import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from email.policy import default

import pytest
from aiosmtpd.controller import Controller

from pulumi_incidents.emulator.ssm_contacts.mail import Mail, Outbox, SmtpServer
from tests.conftest import ROOT
from tests.kept import Emulator, until
from tests.teams import MINUTE, START, Team


class Mailbox:
    """Takes every e-mail but those to some addresses; of each the recipients and the message."""

    def __init__(self, *refused):
        self.refused, self.mails = refused, []

    async def handle_RCPT(self, _, __, envelope, address, ___):  # noqa: N802 - its name there
        """Take an address, or not."""
        if address in self.refused:
            return "550 No such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _, __, envelope):  # noqa: N802 - the same
        """Take an e-mail."""
        message = email.message_from_bytes(envelope.content, policy=default)
        self.mails.append((envelope.rcpt_tos, message))
        return "250 OK"

    def subjects(self):
        """Return what came: the one recipient and the subject of each."""
        return [(to, message["Subject"]) for [to], message in self.mails]


class Server(Controller):
    """An SMTP server on a socket that listens already."""

    def __init__(self, mailbox, listener):
        self.listener = listener
        super().__init__(mailbox, *listener.getsockname())

    def _create_server(self):
        return self.loop.create_server(self._factory_invoker, sock=self.listener)


@contextmanager
def listening(mailbox, port=0):
    """Serve a mailbox on a port of this machine, any unless told, and yield it."""
    server = Server(mailbox, socket.create_server(("127.0.0.1", port)))
    server.start()
    try:
        yield server.port
    finally:
        server.stop()


@pytest.fixture
def start(tmp_path):
    """Return what starts a local AWS that sends to a port; it is ended however the test ends."""
    started = []

    def start(port):
        options = ("--smtp", f"127.0.0.1:{port}")
        started.append(Emulator(tmp_path / "aws.state", options=options).start())
        return started[-1]

    yield start
    for emulator in started:
        emulator.end(signal.SIGKILL)


@pytest.fixture
def mailbox():
    """Return an empty mailbox."""
    return Mailbox()


def test_pages_and_codes_are_sent(start, mailbox):
    """To the channel's address, with the code and the words of the incident; SMS is no e-mail."""
    with listening(mailbox) as port:
        emulator = start(port)
        team = Team(emulator)
        ana = team.person("ana", kind="EMAIL")
        until(lambda: mailbox.mails)
        [(address, subject)] = mailbox.subjects()
        assert (address, subject) == ("mail1@example.com", "Activate this address")
        assert re.search(r"code for Incident Manager is \d{6}\.", text_of(mailbox.mails[0]))
        team.respond(team.escalation("on-call", (0, ana), (0, team.person("ben"))))
        code = next(each["acceptCode"] for each in team.pages() if each["type"] == "EMAIL")
        emulator.end()  # all is sent by then
        assert mailbox.subjects()[1:] == [("mail1@example.com", "Checkout fails")]
        assert text_of(mailbox.mails[1]).split() == f"Why Acknowledge with the code {code}.".split()
        assert mailbox.mails[1][1]["Date"].datetime == START


def test_what_becomes_due_is_sent_though_nobody_asks(start, mailbox):
    """By a clock that stands and is moved on, and by one that runs."""
    with listening(mailbox) as port:
        team = Team(start(port))
        ana = team.person("ana", 5, 5, 0, kind="EMAIL")
        team.contacts.start_engagement(ContactId=ana, Sender="s", Subject="Down", Content="c")
        until(lambda: len(mailbox.mails) == 3 + 1)
        team.at(5)
        until(lambda: len(mailbox.mails) == 3 + 2)
        team.aws.set_clock(START + 10 * MINUTE, running=True)
        until(lambda: len(mailbox.mails) == 3 + 3)
        assert mailbox.subjects()[3:] == [(f"mail{n}@example.com", "Down") for n in (1, 2, 3)]


@pytest.mark.parametrize("listens", [False, True], ids=["nobody listens", "it says nothing"])
def test_a_server_that_does_not_answer_fails_no_request(start, listens, mailbox):
    """The page has a receipt of type ERROR, stderr a line; it works again once the server does."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        if listens:
            silent.listen()
        port = silent.getsockname()[1]
        emulator = start(port)
        team = Team(emulator)
        engagement = team.engage(team.person("ana", 5, 0, kind="EMAIL"))
        [page] = team.pages(engagement)
        until(lambda: len(receipts(team, page)) == 2)
        assert [each["ReceiptType"] for each in receipts(team, page)] == ["ERROR", "SENT"]
        told = f"The SMTP server at 127.0.0.1:{port} did not take it: "
        assert receipts(team, page)[0]["ReceiptInfo"].startswith(told)
        until(lambda: len(re.findall("mail1@example.com did not get an e-mail", emulator.told)) > 1)
    with listening(mailbox, port):
        team.at(5)
        until(lambda: mailbox.mails)
        assert mailbox.subjects() == [("mail2@example.com", "s")]
    assert "Traceback" not in emulator.told


def test_an_address_that_is_refused_holds_up_nobody_else(start):
    """Its page has a receipt, the others come."""
    mailbox = Mailbox("mail1@example.com")
    with listening(mailbox) as port:
        team = Team(start(port))
        ana, ben = team.person("ana", kind="EMAIL"), team.person("ben", kind="EMAIL")
        engagement = team.engage(team.escalation("both", (0, ana, ben)))
        page = team.pages(engagement)[0]
        until(lambda: ("mail2@example.com", "s") in mailbox.subjects())
        until(lambda: receipts(team, page)[0]["ReceiptType"] == "ERROR")
        assert "No such mailbox" in receipts(team, page)[0]["ReceiptInfo"]
        assert {to for to, _ in mailbox.subjects()} == {"mail2@example.com"}


def test_what_waits_at_the_end_is_sent(start, mailbox):
    """A local AWS that is told to stop sends first, and has the page when it is there again."""
    with listening(mailbox) as port:
        emulator = start(port)
        team = Team(emulator)
        engagement = team.engage(team.person("ana", kind="EMAIL"))
        assert emulator.end() == 0
        assert mailbox.subjects()[-1] == ("mail1@example.com", "s")
        sent = len(mailbox.mails)
        assert Team(emulator.start()).paged(engagement) == [(0, "ana")]
        emulator.end()
        assert len(mailbox.mails) == sent


def test_what_is_to_come_is_not_sent_when_it_is_asked_for(start, mailbox):
    """The page of a later stage is foretold, and no e-mail goes before its time."""
    with listening(mailbox) as port:
        emulator = start(port)
        team = Team(emulator)
        team.engage(team.person("ana", 5, 0, kind="EMAIL"))
        [coming] = emulator._control("GET", "upcoming")["upcoming"]
        assert coming["address"] == "mail2@example.com"
        emulator.end()  # all that waits is sent by then
        assert mailbox.subjects()[2:] == [("mail1@example.com", "s")]


def test_without_a_server_nothing_waits():
    """Nobody would take it, ever."""
    outbox = Outbox()
    mail = Mail("ana@example.com", "Down", "It is.")
    outbox.put(mail)
    assert outbox.take() == []
    outbox.is_open = True
    outbox.put(mail)
    assert (outbox.take(), outbox.take()) == ([mail], [])


def test_a_subject_is_one_line():
    """Whatever an incident is called."""
    assert Mail("a@b.c", "Down:\r\nBcc: d@e.f", "").message()["Subject"] == "Down: Bcc: d@e.f"


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("127.0.0.1:1025", ("127.0.0.1", 1025)),
        ("127.1.2.3:25", ("127.1.2.3", 25)),
        ("localhost:2525", ("localhost", 2525)),
        ("[::1]:1025", ("::1", 1025)),
    ],
)
def test_a_server_is_one_of_this_machine(text, server):
    """By number or by name, in either version of IP."""
    assert SmtpServer.read(text) == server


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("mail.example.com:25", "'mail.example.com' is not this machine"),
        ("10.0.0.1:25", "'10.0.0.1' is not this machine"),
        ("0.0.0.0:25", "'0.0.0.0' is not this machine"),
        ("localhost.example.com:25", "'localhost.example.com' is not this machine"),
        (":25", "'' is not this machine"),
        ("127.0.0.1", "'127.0.0.1' is not HOST:PORT"),
        ("127.0.0.1:0", "'127.0.0.1:0' is not HOST:PORT"),
        ("127.0.0.1:65536", "is not HOST:PORT"),
        ("127.0.0.1:smtp", "is not HOST:PORT"),
    ],
)
def test_no_other_server_is_taken(text, why):
    """Nobody is told of what is local by mistake."""
    with pytest.raises(ValueError, match=re.escape(why)):
        SmtpServer.read(text)


def test_the_command_refuses_another_server():
    """With status 2 and the reason, before it listens."""
    command = [
        sys.executable,
        "-m",
        "pulumi_incidents.emulator",
        "--port=0",
        "--smtp=example.com:25",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "'example.com' is not this machine: people are not to be told" in done.stderr
    assert done.stdout == ""


def receipts(team, page):
    """Return the receipts of a page."""
    return team.contacts.list_page_receipts(PageId=page["pageArn"])["Receipts"]


def text_of(mail):
    """Return the text of an e-mail."""
    return mail[1].get_content()
