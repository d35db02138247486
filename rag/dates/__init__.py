"""Historical dates: reading them in texts and questions, EDTF, signatures, wording."""

from rag.dates.edtf import HistoricalDate
from rag.dates.overlap import document_overlaps, overlaps
from rag.dates.parsing import DateMention, filter_bounds, find, parse, without_dates
from rag.dates.signatures import signature_date

__all__ = [
    "DateMention",
    "HistoricalDate",
    "document_overlaps",
    "filter_bounds",
    "find",
    "overlaps",
    "parse",
    "signature_date",
    "without_dates",
]
