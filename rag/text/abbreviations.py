"""Abbreviations and ordinals in languages whose other words Fonds does not know.

Full stops that end no sentence. They hold in every text, because a text may quote another language:
no word of English or Russian that may end a sentence is among them.

Not here: English and Russian (`english`, `russian`), how sentences are cut (`sentences`).
"""

from __future__ import annotations

import re

from rag.text.language import words

# A line for German, French, Spanish and Portuguese, Italian, Dutch, Scandinavian, Polish, Czech.
NEVER_END = words("""
bzw ca dipl dr.med exz frl geb gest hr hrn hrsg ing sog vgl
cie mgr mmes
avda cnel dra dña exma exmo excma excmo gral sra sras sres srta uds vd vds
avv cfr dott egr gent ill.mo sig sig.ra sigg spett
dhr drs jhr mevr
bl.a dvs f.eks frk jf t.ex
hab ks np św tzw ul zob
např tzv
""")
"""Something always follows; lower case, without the last stop."""

NUMBERED = words("abs anm bd kap kl nr núm pag pagg pág págs str tel tsd")
"""Abbreviations if a number follows; lower case."""

ORDINAL = re.compile(r"(?<!\d)\d{1,2}\Z")
"""A number that may be an ordinal before its full stop, at the end of a text."""

COUNTED_BY_ORDINAL = re.compile(
    r"(?:Januar|Jänner|Februar|März|Maerz|April|Mai|Juni|Juli|August|September|Oktober|November"
    r"|Dezember|Jahrhunderts?|Jh|Weltkrieg(?:e?s)?|Armee|Auflage|Division|Kongress(?:es)?"
    r"|Parteitag(?:e?s)?|Regiments?|Marts|Maj)\b"
)
"""What follows a German ordinal ("3. März", "19. Jahrhundert"), or a Danish one of old spelling."""
