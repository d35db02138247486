"""Historical dates: reading them in texts and questions, EDTF, signatures, wording."""

from rag.dates.edtf import HistoricalDate
from rag.dates.parsing import DateMention, filter_bounds, find, parse
from rag.dates.signatures import signature_date

__all__ = ["DateMention", "HistoricalDate", "filter_bounds", "find", "parse", "signature_date"]
