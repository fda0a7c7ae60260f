"""A server that speaks the chat completions protocol, well or badly: the model's name says how it behaves.

It really listens, streams and breaks off; nothing of the client is replaced. `steady` answers "You said: …", word by
word; the rest is in BEHAVIOURS.
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = "sk-test-0123456789abcdef"


class EndpointServer:
    """Use it in a `with`. `asked` are the bodies that came, `keys` what they were sent with; `go` ends all waiting."""

    def __init__(self):
        self.asked: list[dict] = []
        self.keys: list[str | None] = []
        self.go = threading.Event()
        self.server = _Server(("127.0.0.1", 0), type("Bound", (_Handler,), {"world": self}))
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server.server_address[1]}"

    @property
    def base_url(self) -> str:
        return f"http://{self.host}/v1"

    def __enter__(self) -> "EndpointServer":
        self.thread.start()
        return self

    def __exit__(self, *_exception) -> None:
        self.go.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class _Server(ThreadingHTTPServer):
    def handle_error(self, request, client_address) -> None:
        """A client that went away is what many tests are about."""


class _Handler(BaseHTTPRequestHandler):
    world: EndpointServer
    protocol_version = "HTTP/1.1"

    def log_message(self, *_arguments) -> None:
        pass

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.world.asked.append(body)
        self.world.keys.append(self.headers.get("Authorization"))
        try:
            if self.path != "/v1/chat/completions":
                return self.refuse(404, {"error": {"message": "Not here."}})
            BEHAVIOURS[body["model"]](self, body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def refuse(self, status: int, row: dict, **headers: str) -> None:
        data = json.dumps(row).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(data)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def begin(self, kind: str = "text/event-stream") -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True

    def event(self, row: dict | str) -> None:
        text = row if isinstance(row, str) else json.dumps(row)
        self.wfile.write(f"data: {text}\n\n".encode())
        self.wfile.flush()

    def piece(self, text: str, **more) -> None:
        self.event({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None, **more}]})

    def say_end(self, reason: str = "stop") -> None:
        self.event({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
        self.event("[DONE]")


def words_of(body: dict) -> list[str]:
    said = f"You said: {body['messages'][-1]['content']}".split(" ")
    return [said[0], *(f" {word}" for word in said[1:])]


def steady(call: _Handler, body: dict) -> None:
    words = words_of(body)
    kept = words[: body.get("max_tokens") or len(words)]
    reason = "length" if len(kept) < len(words) else "stop"
    if not body.get("stream"):
        choice = {"index": 0, "message": {"role": "assistant", "content": "".join(kept)}, "finish_reason": reason}
        return call.refuse(200, {"choices": [choice]})
    call.begin()
    for word in kept:
        call.piece(word)
    call.say_end(reason)


def seed(call: _Handler, body: dict) -> None:
    """Another voice than `steady`."""
    call.begin()
    call.piece(f"Seeded: {body['messages'][-1]['content']}")
    call.say_end()


def slow(call: _Handler, body: dict) -> None:
    """The first word at once, the others when told to go on."""
    first, *rest = words_of(body)
    call.begin()
    call.piece(first)
    call.world.go.wait(20)
    for word in rest:
        call.piece(word)
    call.say_end()


def silent(call: _Handler, _body: dict) -> None:
    call.world.go.wait(20)
    call.close_connection = True


def half(call: _Handler, body: dict) -> None:
    """Two words, then nothing more."""
    call.begin()
    for word in words_of(body)[:2]:
        call.piece(word)


def busy_twice(call: _Handler, body: dict) -> None:
    if sum(row["model"] == "busy_twice" for row in call.world.asked) <= 2:
        return call.refuse(503, {"error": {"message": "Come back later."}}, Retry_After="0")
    steady(call, body)


def denied(call: _Handler, _body: dict) -> None:
    """Quotes the key, as some do."""
    key = (call.headers.get("Authorization") or "").removeprefix("Bearer ")
    call.refuse(401, {"error": {"message": f"Incorrect API key provided: {key}. Ends in {key[-4:]}."}})


def judge(call: _Handler, body: dict) -> None:
    """Says A or B, with how likely each was."""
    top = [{"token": "A", "logprob": -0.25}, {"token": "B", "logprob": -1.5}]
    choice = {"index": 0, "message": {"role": "assistant", "content": "A"}, "finish_reason": "stop"}
    if body.get("logprobs"):
        choice["logprobs"] = {"content": [{"token": "A", "logprob": -0.25, "top_logprobs": top}]}
    call.refuse(200, {"choices": [choice]})


def newer(call: _Handler, body: dict) -> None:
    if "max_tokens" in body:
        said = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
        return call.refuse(400, {"error": {"message": said}})
    steady(call, body)


def garbage(call: _Handler, _body: dict) -> None:
    call.begin("text/html")
    call.wfile.write(b"<html>A page, as proxies like to answer.</html>")


def flood(call: _Handler, _body: dict) -> None:
    call.begin()
    while not call.world.go.is_set():
        call.piece("many " * 10_000)


def one_line(call: _Handler, _body: dict) -> None:
    call.begin()
    while not call.world.go.is_set():
        call.wfile.write(b"x" * 65536)


def odd(call: _Handler, _body: dict) -> None:
    """Half a character and a NUL, as JSON can say them and databases cannot hold them."""
    call.begin()
    call.event('{"choices": [{"delta": {"content": "half \\ud83d, zero \\u0000."}, "finish_reason": "stop"}]}')


BEHAVIOURS = {
    "steady": steady,
    "seed": seed,
    "slow": slow,
    "silent": silent,
    "half": half,
    "busy_twice": busy_twice,
    "busy": lambda call, _body: call.refuse(429, {"error": {"message": "Slow down."}}, Retry_After="0"),
    "closed": lambda call, _body: call.refuse(503, {"error": "Closed."}, Retry_After="3600"),
    "denied": denied,
    "judge": judge,
    "newer": newer,
    "garbage": garbage,
    "flood": flood,
    "one_line": one_line,
    "nothing": lambda call, _body: call.refuse(200, {"choices": []}),
    "number": lambda call, _body: call.refuse(200, {"choices": [{"message": {"content": 7}}]}),
    "odd": odd,
    "picky": lambda call, _body: call.refuse(400, {"error": {"message": "The prompt breaks our rules."}}),
    "elsewhere": lambda call, _body: call.refuse(302, {}, Location="http://169.254.169.254/latest"),
    "mid_error": lambda call, _body: (
        call.begin(),
        call.piece("Well"),
        call.event({"error": {"message": f"Overloaded. {KEY}"}}),
    ),
}
