"""`fonds llm check`: what a model is good for, told in figures and a sentence."""

from __future__ import annotations

import json

import pytest

from rag.answers.model_check import ANSWERED, UNANSWERED, ModelReport
from rag.cli.commands import main
from tests.kits.llm_server import Reply, scripted

NO = '{"answered":"no","points":[]}'
FIRST = '{"answered":"yes","points":[{"sentences":[1],"statement":"The moon is made of cheese."}]}'


def check(capsys: pytest.CaptureFixture[str], reply: Reply | str, *more: str) -> tuple[int, str]:
    code = 0
    with scripted(reply) as server:
        try:
            main(["llm", "check", "--llm", server.spec, *more])
        except SystemExit as ended:
            code = int(str(ended.code))
    printed = capsys.readouterr()
    return code, printed.out or printed.err


def test_a_model_that_always_says_no_is_of_no_use(capsys: pytest.CaptureFixture[str]) -> None:
    code, printed = check(capsys, NO, "--json")
    told = json.loads(printed)
    assert code == 0 and told["questions"] == ANSWERED + UNANSWERED
    assert told["chose_right"] == [0, ANSWERED] and told["said_no"] == [UNANSWERED, UNANSWERED]
    assert told["tells_apart"] is None and "Too weak" in told["advice"]


def test_what_it_states_is_checked(capsys: pytest.CaptureFixture[str]) -> None:
    code, printed = check(capsys, FIRST)
    assert code == 0 and "said no                    0 of 8" in printed
    assert f"statements borne out       0 of {ANSWERED}" in printed


def test_a_server_that_fails_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    code, printed = check(capsys, Reply(status=500))
    assert code == 1 and "the language model gave no answer" in printed
    with pytest.raises(SystemExit) as ended:
        main(["llm", "check"])
    assert ended.value.code == 2


def test_the_advice_follows_the_figures() -> None:
    good = ModelReport("m", seconds=[2.0, 4.0], tokens=30, writing=3.0, chose_right=10)
    good.probabilities = {True: [0.9, 0.8], False: [0.1, 0.85]}
    assert good.tells_apart == 0.75 and good.to_dict()["tokens_per_second"] == 10
    assert "points" in good.advice
    good.statements, good.borne_out = 10, 9
    assert "statements" in good.advice
    good.probabilities[False] = [0.95, 0.99]
    assert "worth little" in good.advice
