"""Claude's API, simulated: checks requests as the real one does, keeps a prompt cache, and judges by a simple rule."""

import hashlib
import json
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.simulators.server import Simulator

MODELS = ("claude-haiku-5-5", "claude-sonnet-5-5", "claude-opus-5-5")
LEAST_CACHED = 512  # tokens; a shorter prefix is not cached
MOST_BREAKPOINTS = 4
KNOWN = {"model", "max_tokens", "system", "messages", "output_config", "thinking", "metadata", "stop_sequences"}
UNSUPPORTED = {"minimum", "maximum", "minLength", "maxLength", "maxItems", "pattern"}
_CHECK = re.compile(r'<check number="(\d+)">\n<name>(.*?)</name>\n<criterion>\n(.*?)\n</criterion>', re.DOTALL)
_TURN = re.compile(r"^\s*\[(\d+)\] (\S+) [\d:]+: (.*)$", re.MULTILINE)
_ASKED = re.compile(r"of the scorecard, checks? ([\d, ]+), and no other")
_WANTED = re.compile(r'"([^"]+)"')


@dataclass(frozen=True)
class Asked:
    """A question as a model would understand it."""

    numbers: tuple[int, ...]
    criteria: Mapping[int, str]
    turns: Mapping[int, str]  # what was said, by the number in square brackets
    room: int
    text: str  # everything that the user's message holds

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> "Asked":
        scorecard = "\n".join(block["text"] for block in body["system"])
        text = "\n".join(block["text"] for block in body["messages"][0]["content"])
        asked = _ASKED.findall(text)
        return cls(
            numbers=tuple(int(number) for number in asked[-1].split(",")) if asked else (),
            criteria={int(number): criterion for number, _, criterion in _CHECK.findall(scorecard)},
            turns={int(number): said for number, _, said in _TURN.findall(text)},
            room=body["max_tokens"],
            text=text,
        )


@dataclass(frozen=True)
class Said:
    """An answer: results or any text, and why the model stopped."""

    results: list[dict[str, Any]] | None = None
    text: str = ""
    stop: str | None = "end_turn"

    @property
    def words(self) -> str:
        return self.text if self.results is None else json.dumps({"results": self.results})


Act = Callable[[Asked], Said]


def judge(asked: Asked) -> Said:
    """A criterion's words in quotes must have been said; one without any is met, by the call's first words."""
    return Said([result(number, asked) for number in asked.numbers])


def result(number: int, asked: Asked, **other: Any) -> dict[str, Any]:
    """One check judged by the rule, but for what is `other`."""
    found = list(_evidence(asked.criteria[number], asked.turns))
    reason = "The words were said." if found else "The words were not said."
    verdict = "pass" if found else "fail"
    return {
        "check": number,
        "evidence": found[:1],
        "reason": reason,
        "verdict": verdict,
        "confidence": 0.9,
        **other,
    }


def declines(_: Asked) -> Said:
    return Said(stop="refusal")


def cut_off(asked: Asked) -> Said:
    return Said(text=judge(asked).words[:40], stop="max_tokens")


def says(text: str) -> Act:
    return lambda _: Said(text=text)


def stops(why: str | None) -> Act:
    return lambda asked: Said(judge(asked).results, stop=why)


def instead(**other: Any) -> Act:
    """Every result has these values instead of the judged ones."""
    return lambda asked: Said([result(number, asked, **other) for number in asked.numbers])


@dataclass
class ClaudeSimulator(Simulator):
    """`acts` are used up in order, one a request; then `usual` answers."""

    usual: Act = judge
    acts: deque[Act] = field(default_factory=deque)
    window: int = 1_000_000  # tokens of a prompt
    thinks: bool = False
    bare: bool = False  # as Ollama: no key, any model, no schema, no cache; usage without the cache's fields
    dress: Callable[[dict[str, Any]], Any] = dict  # a last change to every message

    def __post_init__(self) -> None:
        super().__init__()
        self.cache: dict[str, int] = {}

    def routes(self) -> list[Route]:
        return [
            Route("/v1/messages", self.handled(self._message), methods=["POST"]),
            Route("/v1/models", self.handled(self._models), methods=["GET"]),
        ]

    def bodies(self) -> list[dict[str, Any]]:
        """The requests for messages, as they came."""
        return [json.loads(seen.body) for seen in self.requests("/messages")]

    def questions(self) -> list[tuple[int, ...]]:
        """Which checks each request asked about."""
        return [Asked.of(body).numbers for body in self.bodies()]

    def refuses(self, request: Request) -> Response | None:
        given = request.headers.get("authorization", "").removeprefix("Bearer ") or request.headers.get("x-api-key")
        if not request.headers.get("anthropic-version"):
            return refusal(400, "invalid_request_error", "anthropic-version: header is required")
        if not self.bare and given != self.key:
            return refusal(401, "authentication_error", "invalid x-api-key")
        return None

    async def _models(self, _: Request) -> Response:
        listed = [
            {
                "id": name,
                "type": "model",
                "display_name": name,
                "lifecycle": "active",
                "created_at": "2026-01-01T00:00Z",
            }
            for name in MODELS
        ]
        return JSONResponse({"data": listed, "has_more": False, "first_id": MODELS[0], "last_id": MODELS[-1]})

    async def _message(self, request: Request) -> Response:
        body = json.loads(await request.body())
        if not self.bare:
            if body.get("model") not in MODELS:
                return refusal(404, "not_found_error", f"model: {body.get('model')}")
            wrong = next(complaints(body), None)
            if wrong:
                return refusal(400, "invalid_request_error", wrong)
        with self.lock:
            return self._answer(body)

    def _answer(self, body: dict[str, Any]) -> Response:
        asked = Asked.of(body)
        prompt = sum(tokens(block["text"]) for block in blocks(body))
        if prompt > self.window:
            words = f"prompt is too long: {prompt} tokens > {self.window} maximum"
            return refusal(400, "invalid_request_error", words)
        usage = self._usage(body)
        said = (self.acts.popleft() if self.acts else self.usual)(asked)
        content: list[dict[str, str | None]] = (
            [{"type": "thinking", "thinking": "", "signature": "s"}] if self.thinks else []
        )
        content += [{"type": "text", "text": said.words, "citations": None}] if said.words else []
        usage["output_tokens"] = tokens(said.words) + (500 if self.thinks else 0)
        self.paid.append(f"{body['model']}: checks {asked.numbers}, {prompt} in, {usage['output_tokens']} out")
        message = {
            "id": f"msg_{len(self.paid)}",
            "type": "message",
            "role": "assistant",
            "model": body["model"],
            "content": content,
            "stop_reason": said.stop,
            "stop_sequence": None,
            "usage": usage,
            **({} if self.bare else {"container": None, "yet_unknown": {"more": [1]}}),
        }
        return JSONResponse(self.dress(message), headers={"request-id": f"req_{len(self.paid)}"})

    def _usage(self, body: dict[str, Any]) -> dict[str, Any]:
        """Tokens, by what of the prompt's beginning is in the cache up to a breakpoint."""
        if self.bare:
            return {"input_tokens": tokens(json.dumps(body))}
        read, seen, written = 0, 0, {"5m": 0, "1h": 0}
        prefix = hashlib.sha256(json.dumps([body["model"], body.get("output_config")]).encode())
        begun = 0  # where the piece since the last breakpoint begins
        for block in blocks(body):
            prefix.update(block["text"].encode())
            seen += tokens(block["text"])
            kept = block.get("cache_control")
            if kept and seen >= LEAST_CACHED:
                if prefix.hexdigest() in self.cache:
                    read = begun = seen
                else:
                    self.cache[prefix.hexdigest()] = seen
                    written[kept.get("ttl", "5m")] += seen - begun
                    begun = seen
        made = sum(written.values())
        return {
            "input_tokens": seen - read - made,
            "cache_read_input_tokens": read,
            "cache_creation_input_tokens": made,
            "cache_creation": {f"ephemeral_{ttl}_input_tokens": count for ttl, count in written.items()},
            "service_tier": "standard",
            "yet_unknown": 1.5,
        }


def complaints(body: Mapping[str, Any]) -> Iterator[str]:
    """What the real API would find wrong with a request."""
    if type(body.get("max_tokens")) is not int or not 0 < body["max_tokens"] <= 128_000:
        yield "max_tokens: Field required, up to 128000"
    for name in sorted(set(body) - KNOWN):
        yield f"{name}: Extra inputs are not permitted"
    if not body.get("messages") or body["messages"][0].get("role") != "user":
        yield "messages: first message must use the user role"
        return
    if any(not block["text"].strip() for block in blocks(body)):
        yield "text content blocks must contain non-whitespace text"
    kept = [block["cache_control"].get("ttl", "5m") for block in blocks(body) if block.get("cache_control")]
    if len(kept) > MOST_BREAKPOINTS:
        yield f"A maximum of 4 blocks with cache_control may be provided. Found {len(kept)}."
    if kept != sorted(kept):  # '1h' before '5m'
        yield "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block"
    yield from schema_complaints(body.get("output_config", {}).get("format", {}).get("schema", {}))


def schema_complaints(schema: Any) -> Iterator[str]:
    if isinstance(schema, list):
        for item in schema:
            yield from schema_complaints(item)
    if isinstance(schema, dict):
        if schema.get("type") == "object" and schema.get("additionalProperties") is not False:
            yield "output_config.format.schema: 'additionalProperties' must be explicitly set to false"
        for name in sorted(UNSUPPORTED & set(schema)):
            yield f"output_config.format.schema: property '{name}' is not supported"
        for item in schema.values():
            yield from schema_complaints(item)


def blocks(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [*body.get("system", []), *(block for message in body["messages"] for block in message["content"])]


def tokens(text: str) -> int:
    return len(text) // 4


def refusal(status: int, kind: str, words: str) -> Response:
    body = {"type": "error", "error": {"type": kind, "message": words}, "request_id": "req_0"}
    return JSONResponse(body, status, {"request-id": "req_0"})


def _evidence(criterion: str, turns: Mapping[int, str]) -> Iterator[dict[str, Any]]:
    wanted = _WANTED.findall(criterion)
    for number, said in turns.items():
        if not wanted:
            yield {"turn": number, "quote": " ".join(said.split()[:4])}
        for words in wanted:
            at = said.lower().find(words.lower())
            if at >= 0:
                yield {"turn": number, "quote": said[at : at + len(words)]}
