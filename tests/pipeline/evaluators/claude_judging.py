"""Calls, checks and a judge that talks to the simulator through the real SDK."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from config import Settings
from pipeline.evaluators.claude.judge import Claude
from pipeline.evaluators.claude.requests import Server
from pipeline.evaluators.contract import Case, Finding, Judgement
from pipeline.outcome import Done, ProviderError
from records.checks import AiRule, CheckSpec
from records.statuses import Verdict
from tests.pipeline.made import case, conversation
from tests.simulators.claude import ClaudeSimulator

PASS, FAIL, NOT_EVALUATED = Verdict.PASS, Verdict.FAIL, Verdict.NOT_EVALUATED
TURNS = (
    ("agent", "Thank you for calling Acme, how can I help?"),
    ("customer", "Hello, I'd like to cancel."),
    ("agent", "I'm sorry to hear that. Don't worry, I can help."),
    ("customer", "Thank you, goodbye!"),
)


def call(*turns: tuple[str, str], **facts) -> Case:
    return case(conversation(*(turns or TURNS)), **facts)


def check(criterion: str, name: str = "A", **facts) -> CheckSpec:
    return CheckSpec(name=name, rule=AiRule(criterion=criterion), **facts)


def wanting(*phrases: str) -> list[CheckSpec]:
    """Checks that the simulator passes when the words were said."""
    return [check(f'The agent says "{phrase}".', name=phrase) for phrase in phrases]


def many(count: int) -> list[CheckSpec]:
    """Checks of which every second is met by TURNS."""
    return [
        check(f'Rule {number}: says "{("help", "money back")[number % 2]}".', f"C{number}") for number in range(count)
    ]


def server(simulator: ClaudeSimulator, **facts) -> Server:
    known = Settings(ANTHROPIC_API_KEY=simulator.key, ANTHROPIC_BASE_URL=simulator.url, TOTALVIEW_PROVIDER_SECONDS=20)
    return replace(Server.of(known), **facts)


def judge(simulator: ClaudeSimulator, heard: Case, checks: Sequence[CheckSpec], **facts) -> Judgement:
    outcome = Claude(server(simulator, **facts)).evaluate(heard, checks)
    assert isinstance(outcome, Done)
    assert set(outcome.value.findings) == set(range(len(checks))), "every check has a finding"
    return outcome.value


def verdicts(judgement: Judgement) -> list[Verdict]:
    return [judgement.findings[place].verdict for place in sorted(judgement.findings)]


def one(simulator: ClaudeSimulator, criterion: str = 'Says "thank you".', heard: Case | None = None) -> Finding:
    return judge(simulator, heard or call(), [check(criterion)]).findings[0]


def error(simulator: ClaudeSimulator, heard: Case | None = None, **facts) -> ProviderError:
    try:
        judge(simulator, heard or call(), wanting("thank you"), **facts)
    except ProviderError as failure:
        return failure
    raise AssertionError("no error came")


class Dies(BaseException):
    """The process is killed here."""


class Mortal:
    """A server that is asked by a process that dies: before or after the answer, at one of its requests."""

    def __init__(self, asked: Server, dies_at: int) -> None:
        self.asked, self.model, self.left = asked, asked.model, dies_at

    def ask(self, prompt, room):
        self.left -= 1
        message = self.asked.ask(prompt, room)
        if self.left == 0:
            raise Dies
        return message


def long_call(turns: int) -> list[tuple[str, str]]:
    """A call with as many different turns."""
    return [(("agent", "customer")[turn % 2], f"This is what is said in turn number {turn}.") for turn in range(turns)]


def lines(text: str) -> Iterator[str]:
    """The transcript's lines in a request's text."""
    inside = text.split('<transcript language="en">\n', 1)[1].split("\n</transcript>", 1)[0]
    yield from inside.split("\n")
