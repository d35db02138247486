"""A piece of a language model's answer, as it is streamed."""

from __future__ import annotations

from collections.abc import Mapping


class Piece(str):
    """The text of a piece.

    `chances`: the probabilities of the piece and of the tokens that could have stood in its place,
    where the model tells them. `read`: the share of the prompt that the model has read, in a piece
    without text.
    """

    __slots__ = ("chances", "read")

    chances: Mapping[str, float] | None
    read: float | None

    def __new__(
        cls, text: str, chances: Mapping[str, float] | None = None, read: float | None = None
    ) -> Piece:
        piece = super().__new__(cls, text)
        piece.chances, piece.read = chances, read
        return piece
