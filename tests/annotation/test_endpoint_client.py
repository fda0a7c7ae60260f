"""The client against a real server: whole, in pieces, again, and every way to fail, in words and without the key."""

import threading

import pytest

from annotation.endpoint_keys import key_for
from annotation.endpoints import Client, EndpointFailed, Facts, Failure
from annotation.endpoints.addresses import addresses_of, problem_of
from tests.endpoint_server import KEY, EndpointServer

HELLO = [{"role": "user", "content": "good morning to you"}]


@pytest.fixture
def server():
    with EndpointServer() as running:
        yield running


@pytest.fixture
def ask(server):
    """`ask("steady", max_tokens=2)`: a whole answer; `live=True` streams it; pauses are kept, not slept."""

    def make(
        model, *, live=False, pauses=None, timeout_seconds=5.0, key="", cancelled=lambda: False, heard=None, **asked
    ):
        facts = Facts(server.base_url, model, key, timeout_seconds, allowed=(server.host,))
        heard = [] if heard is None else heard
        with Client(facts, cancelled=cancelled, sleep=(pauses if pauses is not None else []).append) as client:
            return client.chat(HELLO, on_piece=heard.append if live else None, **asked)

    return make


def test_a_whole_answer(ask, server):
    reply = ask("steady", temperature=0.5, seed=3, key=KEY)
    assert (reply.text, reply.finish, reply.truncated) == ("You said: good morning to you", "stop", False)
    assert server.keys == [f"Bearer {KEY}"]
    assert server.asked == [{"model": "steady", "messages": HELLO, "temperature": 0.5, "seed": 3}]


def test_in_pieces_and_cut_off_by_a_limit(ask):
    heard = []
    reply = ask("steady", live=True, heard=heard, max_tokens=3)
    assert heard == ["You", " said:", " good"]
    assert (reply.text, reply.truncated) == ("You said: good", True)
    assert 0 < reply.first_seconds <= reply.seconds


def test_without_a_key_none_is_sent(ask, server):
    ask("steady")
    assert server.keys == [None]


def test_log_probabilities(ask):
    [token] = ask("judge", logprobs=True, top_logprobs=2, max_tokens=1).tokens
    assert (token.text, token.logprob) == ("A", -0.25)
    assert token.top == (("A", -0.25), ("B", -1.5))


def test_it_tries_again_after_what_may_pass(ask, server):
    pauses = []
    assert ask("busy_twice", live=True, pauses=pauses).text.startswith("You said")
    assert (len(server.asked), pauses) == (3, [0.0, 0.0])


def test_it_gives_up_after_three_tries(ask, server):
    with pytest.raises(EndpointFailed, match="too many requests") as failed:
        ask("busy", pauses=[])
    assert (failed.value.kind, len(server.asked)) == (Failure.BUSY, 3)


def test_it_does_not_wait_an_hour(ask, server):
    with pytest.raises(EndpointFailed, match="status 503"):
        ask("closed")
    assert len(server.asked) == 1


def test_a_model_that_takes_the_limit_under_its_newer_name(ask, server):
    assert ask("newer", max_tokens=4).text == "You said: good morning to you"
    assert [sorted(body) for body in server.asked] == [
        ["max_tokens", "messages", "model"],
        ["max_completion_tokens", "messages", "model"],
    ]


@pytest.mark.parametrize(
    ("model", "kind", "words"),
    [
        ("garbage", Failure.BROKEN, "not of the chat completions protocol"),
        ("nothing", Failure.BROKEN, "no choice"),
        ("number", Failure.BROKEN, "not text"),
        ("picky", Failure.REQUEST, "breaks our rules"),
        ("elsewhere", Failure.ADDRESS, "redirects are not followed"),
        ("denied", Failure.KEY, "refuses the key"),
    ],
)
def test_what_goes_wrong_is_said_and_not_tried_again(ask, server, model, kind, words):
    with pytest.raises(EndpointFailed, match=words) as failed:
        ask(model)
    assert failed.value.kind == kind
    assert len(server.asked) == 1


@pytest.mark.parametrize(("model", "words"), [("flood", "longer than 8 MiB"), ("one_line", "not a stream of events")])
def test_too_much_is_cut_off(ask, model, words):
    with pytest.raises(EndpointFailed, match=words):
        ask(model, live=True)


def test_an_answer_that_breaks_off_is_not_asked_twice(ask, server):
    heard = []
    with pytest.raises(EndpointFailed, match="broke off") as failed:
        ask("half", live=True, heard=heard)
    assert (failed.value.kind, heard, len(server.asked)) == (Failure.BROKEN, ["You", " said:"], 1)


def test_an_error_in_the_middle_is_said_without_the_key(ask):
    with pytest.raises(EndpointFailed, match="Overloaded") as failed:
        ask("mid_error", live=True, key=KEY)
    assert KEY not in str(failed.value)


def test_what_no_database_can_hold_is_replaced(ask):
    assert ask("odd", live=True).text == "half \N{REPLACEMENT CHARACTER}, zero \N{REPLACEMENT CHARACTER}."


def test_silence_ends(ask, server):
    with pytest.raises(EndpointFailed, match=r"said nothing for 0\.1 s") as failed:
        ask("silent", timeout_seconds=0.1)
    assert (failed.value.kind, len(server.asked)) == (Failure.SILENT, 3)


def test_cancelled_between_pieces(ask, server):
    stop = threading.Event()

    class Heard(list):
        def append(self, text):
            super().append(text)
            stop.set()
            server.go.set()

    with pytest.raises(EndpointFailed) as failed:
        ask("slow", live=True, heard=Heard(), cancelled=stop.is_set)
    assert failed.value.kind == Failure.CANCELLED


def test_nobody_there():
    with EndpointServer() as gone:
        facts = Facts(gone.base_url, "steady", allowed=(gone.host,))
    with pytest.raises(EndpointFailed, match="Nobody answers") as failed, Client(facts, tries=1) as client:
        client.chat(HELLO)
    assert failed.value.kind == Failure.UNREACHABLE


def test_the_key_is_in_no_error_and_no_traceback(ask, server):
    with pytest.raises(EndpointFailed) as failed:
        ask("denied", key=KEY)
    assert KEY not in str(failed.value)
    assert KEY[-4:] not in str(failed.value)
    assert KEY not in repr(Facts(server.base_url, "steady", KEY))


@pytest.mark.parametrize(
    "address",
    [
        "https://169.254.169.254/latest",
        "https://[fe80::1]/v1",
        "https://[fd00:ec2::254]/v1",
        "https://[::ffff:169.254.169.254]/v1",
        "https://[64:ff9b::a9fe:a9fe]/v1",
        "https://100.100.100.200/v1",
        "https://0.0.0.0/v1",
        "https://224.0.0.1/v1",
    ],
)
def test_the_link_and_its_metadata_are_never_called_whatever_is_named(address):
    host = address.split("/")[2]
    assert "never called" in problem_of(address, [host.strip("[]"), host])


@pytest.mark.parametrize(
    "address",
    [
        "https://10.0.0.5/v1",
        "https://127.0.0.1/v1",
        "https://192.168.1.1:8443/v1",
        "https://[::1]/v1",
        "https://[fd12::1]/v1",
        "https://100.64.0.1/v1",
        "https://[::ffff:10.0.0.5]/v1",
        "https://[2002:a00:5::1]/v1",
    ],
)
def test_private_networks_are_called_only_where_the_operator_names_the_host(address):
    host = address.split("/")[2]
    name = host.strip("[]") if host.endswith("]") else host
    assert "private network" in problem_of(address)
    assert problem_of(address, [name]) == ""


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("api.example.org/v1", "must begin with https://"),
        ("ftp://api.example.org", "must begin with https://"),
        ("https:///v1", "name a host"),
        ("http://api.example.org/v1", "Unencrypted"),
        ("https://user:pass@api.example.org/v1", "key is read"),
        ("https://api.example.org/v1?key=1", "Leave out what follows"),
        ("https://api.example.org:port/v1", "not an address"),
        ("https://api.example.org/v 1", "without spaces"),
        ("https://[::1/v1", "not an address"),
    ],
)
def test_what_is_no_address(address, words):
    assert words in problem_of(address)


def test_public_addresses_need_no_naming():
    assert problem_of("https://api.example.org/v1") == ""
    assert problem_of("https://93.184.215.14:8443/v1") == ""
    assert problem_of("http://vllm:8000/v1", ["vllm:8000"]) == ""
    assert problem_of("http://vllm:8001/v1", ["vllm:8000"]) != ""


def test_a_name_is_looked_at_after_it_was_resolved(monkeypatch):
    """A public name that points inside is refused, even if another of its addresses is public."""
    found = [(2, 1, 6, "", ("93.184.215.14", 443)), (2, 1, 6, "", ("10.0.0.5", 443))]
    monkeypatch.setattr("annotation.endpoints.addresses.socket.getaddrinfo", lambda *_a, **_k: found)
    with pytest.raises(EndpointFailed, match="private network"):
        list(addresses_of("rebind.example.org", 443, ()))
    assert list(addresses_of("rebind.example.org", 443, ["rebind.example.org"])) == ["93.184.215.14", "10.0.0.5"]


def test_the_connection_goes_to_the_address_that_was_looked_at(server, monkeypatch):
    """The name is resolved once; what it points to a moment later does not matter."""
    calls = []
    port = int(server.host.split(":")[1])

    def resolve(host, *_arguments, **_options):
        calls.append(host)
        address = "127.0.0.1" if host in ("model.internal", "127.0.0.1") else "169.254.169.254"
        return [(2, 1, 6, "", (address, port))]

    monkeypatch.setattr("socket.getaddrinfo", resolve)
    facts = Facts(f"http://model.internal:{port}/v1", "steady", allowed=("model.internal",))
    with Client(facts) as client:
        assert client.chat(HELLO).text.startswith("You said")
    assert calls[0] == "model.internal"
    assert set(calls[1:]) <= {"127.0.0.1"}


def test_a_key_goes_to_its_own_host_only():
    there = {"PLUMBLINE_ENDPOINT_KEY_MAIN": "api.example.org sk-1", "PLUMBLINE_ENDPOINT_KEY_BAD": "sk-1"}
    assert key_for("MAIN", "https://api.example.org/v1", there) == "sk-1"
    assert key_for("", "https://api.example.org/v1", there) == ""
    with pytest.raises(EndpointFailed, match="for another host") as failed:
        key_for("MAIN", "https://evil.example.org/v1", there)
    assert "sk-1" not in str(failed.value)
    with pytest.raises(EndpointFailed, match="has no variable PLUMBLINE_ENDPOINT_KEY_OTHER"):
        key_for("OTHER", "https://api.example.org/v1", there)
    with pytest.raises(EndpointFailed, match="must hold a host, a space and the key") as failed:
        key_for("BAD", "https://api.example.org/v1", there)
    assert "sk-1" not in str(failed.value)
