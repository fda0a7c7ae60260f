"""People who label over HTTP as fast as the server lets them: each a thread with a connection of its own."""

import http.client
import json
import random
import socket
import threading
import time
import uuid
from dataclasses import dataclass, field

TOKEN = "x" * 32  # cookie and header agree, which is all that the check asks


@dataclass
class Labeller(threading.Thread):
    """Labels with the next pair fetched ahead, as the page does, until the queue is dry or `limit` is reached."""

    address: tuple[str, int]
    slug: str
    cookie: str
    owner: str
    scale: int = 8
    limit: int = 10**9
    skip_share: float = 0.0
    patience: int = 3
    seed: int = 0
    stored: list[dict] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    seconds: dict[str, list[float]] = field(default_factory=lambda: {"next": [], "answer": []})

    def __post_init__(self):
        super().__init__(daemon=True)
        self.random = random.Random(self.seed)
        self.connection = None

    __hash__ = threading.Thread.__hash__

    def run(self) -> None:
        try:
            self.label()
        except Exception as error:
            self.errors.append(f"{type(error).__name__}: {error}")
        finally:
            if self.connection:
                self.connection.close()

    def label(self) -> None:
        held, dry = [], 0
        while len(self.stored) < self.limit and dry < self.patience:
            if not held:
                pair = self.post("next", {"known": []})["pair"]
                if pair is None:
                    dry += 1
                    time.sleep(0.05)
                    continue
                held.append(pair)
            dry = 0
            said = self.answer(held.pop(0), known=[pair["token"] for pair in held])
            if said["pair"]:
                held.append(said["pair"])

    def answer(self, pair: dict, known: list[str]) -> dict:
        body = {"token": pair["token"], "submission": str(uuid.uuid4()), "scale": self.scale, "active_ms": 1}
        if self.random.random() < self.skip_share:
            body |= {"outcome": "skip", "reason": "subject"}
        else:
            body |= {"outcome": "answer", "grade": self.random.randint(1, self.scale)}
        reply = self.post("answer", body | {"more": True, "known": known})
        self.stored.append(body)
        return reply

    def post(self, call: str, body: dict) -> dict:
        began = time.perf_counter()
        if self.connection is None:
            self.connection = http.client.HTTPConnection(*self.address, timeout=120)
            self.connection.connect()
            self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        text = json.dumps(body | {"owner": self.owner, "queue": "label"})
        headers = {
            "Content-Type": "application/json",
            "Cookie": f"{self.cookie}; csrftoken={TOKEN}",
            "X-CSRFToken": TOKEN,
        }
        self.connection.request("POST", f"/p/{self.slug}/label/{call}/", text, headers)
        response = self.connection.getresponse()
        content = response.read()
        self.seconds[call].append(time.perf_counter() - began)
        if response.status != 200:
            raise RuntimeError(f"{call}: {response.status} {content[:300]!r}")
        return json.loads(content)


def run_all(labellers: list[Labeller]) -> float:
    """Starts all at once, waits for all; the seconds it took."""
    began = time.perf_counter()
    for labeller in labellers:
        labeller.start()
    for labeller in labellers:
        labeller.join()
    return time.perf_counter() - began
