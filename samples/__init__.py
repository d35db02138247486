"""The sample archive that ships with Fonds. Everything in it is invented."""

from pathlib import Path

ARCHIVE = Path(__file__).parent / "archive"
QUESTIONS = Path(__file__).parent / "questions.jsonl"
DIALOGUES = Path(__file__).parent / "dialogues.jsonl"
