"""Asking a question in a session of the chat."""

from __future__ import annotations

from typing import Any

from ui_assets.session.controller import Controller, Session


def asked(controller: Controller, session: Session, question: str, **more: Any) -> Session:
    """The session after the question has its answer or error."""
    session = controller.ask(session, question, "en", **more)
    return [session, *controller.answers(session)][-1]
