"""A model's points: the form it is held to, and how its answer is read, also a sloppy one."""

from __future__ import annotations

import json

import pytest

from rag.llm.points import MAX_POINTS, MAX_SENTENCES, Form, Point, PointReader

WHOLE = '{"answered":"yes","points":[{"sentences":[2,3],"statement":"He \\"went\\".\\nSoon."}]}'


def read(text: str, count: int = 5, step: int = 3) -> tuple[bool | None, list[Point]]:
    reader = PointReader(count)
    points = [p for at in range(0, len(text), step) for p in reader.feed(text[at : at + step])]
    points += reader.close()
    return reader.answered, points


@pytest.mark.parametrize("step", [1, 7, 1000])
def test_points_come_as_soon_as_they_are_complete(step: int) -> None:
    assert read(WHOLE, step=step) == (True, [Point((2, 3), 'He "went". Soon.')])
    reader = PointReader(5)
    early = WHOLE.index("Soon") + 7  # behind the point's closing quotation mark
    assert reader.feed(WHOLE[:early]) and reader.answered


@pytest.mark.parametrize(
    ("text", "answered", "points"),
    [
        ('{"answered":"yes","sentences":[2,3]}', True, [Point((2, 3))]),
        ('{"answered":"no","sentences":[]}', False, []),
        ('{"answered":false,"points":[]}', False, []),
        ('```json\n{"answered": "yes", "sentences": ["4"]}\n```', True, [Point((4,))]),
        ("Yes. Sentences: 1, 2", True, [Point((1, 2))]),
        ("no", False, []),
        ('{"answered":"yes","sentences":[9,0,2,2,-1,77]}', True, [Point((2,))]),
        ('{"answered":"yes","sentences":[8]}', True, []),
        ("As an assistant I cannot help with that.", None, []),
        ("[1],[2],[3]", None, []),
        ("", None, []),
        ('{"answered":"yes","sentences":[1', True, [Point((1,))]),
    ],
)
def test_what_is_read(text: str, answered: bool | None, points: list[Point]) -> None:
    assert read(text) == (answered, points)


def test_no_more_is_taken_than_the_form_allows() -> None:
    many = '{"sentences":[1,2,3,4,5],"statement":"It is so, he says."},' * 9
    answered, points = read(f'{{"answered":"yes","points":[{many}]}}')
    assert answered and len(points) == MAX_POINTS
    assert all(len(point.sentences) == MAX_SENTENCES for point in points)


def test_how_sure_the_model_is_comes_from_the_token_that_decides() -> None:
    reader = PointReader(3)
    reader.feed('{"answered":"', {'":"': 0.99, "yes": 0.01})
    reader.feed("yes", {"yes": 0.5, " yes": 0.1, "no": 0.2, "maybe": 0.2})
    reader.feed('","sentences":[1]}', {"no": 1.0})
    assert reader.probability == pytest.approx(0.75)
    silent = PointReader(3)
    silent.feed('{"answered":"yes"')
    assert silent.answered and silent.probability is None


@pytest.mark.parametrize("stating", [False, True])
def test_the_forms_agree(stating: bool) -> None:
    form = Form(12, stating)
    example = {"answered": "yes", "sentences": [2, 3]}
    if stating:
        example = {"answered": "yes", "points": [{"sentences": [2, 3], "statement": "He went."}]}
    assert form.schema["required"] == list(example)
    assert list(example)[1] in form.system and f'"{12}"' in form.grammar
    assert '"13"' not in form.grammar
    assert read(json.dumps(example), 12)[0]


def test_a_statement_that_is_cut_off_loses_its_last_words() -> None:
    long = "The ferry carried coal. " * 5 + "It also carried " + "many " * 60
    said = json.dumps({"answered": "yes", "points": [{"sentences": [1], "statement": long}]})
    assert read(said)[1] == [Point((1,), "The ferry carried coal.")]
