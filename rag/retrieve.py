"""Query → fused hits: dense passages, lexical passages and whole-document BM25, in each language.

The store is searched language by language, for scores of different languages cannot be compared
as they are. In each, the question's words stand as that language would have them
(`bilingual.terms`), and the encoder takes part only where it reads both the question and the
documents. Lists are fused by weighted sums of z-scores (Bruch et al., arXiv 2210.11934, found
convex combinations to beat rank fusion where tuned), which makes them comparable.

Not here: what the question means (`query`), which sentence answers it (`extract`).
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from itertools import repeat

import numpy as np

from index_store.store import IndexStore
from index_store.types import Filter, Hit, Origin, Scored, Spread, document_of
from rag import own_terms
from rag.bilingual.lexicon import Lexicon
from rag.bilingual.terms import Word, words
from rag.encode import Encoder, Tuned, Vectors
from rag.phrases import spans
from rag.query import Query
from rag.rerank import RERANKED, Reranker
from rag.weights import FITTED

DEPTH = 500
"""Passages taken from each list before fusion."""

DOCUMENT_DEPTH = 200

LIKELY_DEPTH = 100
"""Passages and documents of the likely ones that take part wherever the lists end."""

LIKELY = 1.5
"""What a passage of a likely document gains, in deviations of the fused lists."""

WEIGHTS = {**FITTED, "phrase": 1.0}
"""Share of each list, unless the encoder comes with others. One set of weights serves questions and
documents in one language or two, encyclopaedias and archives."""

ALONE = 0.75
"""A passage's vector counts for so much more where passages are whole documents: there the words
of the document are but its own once more, and BM25 would count twice."""

BEST_OF_DOCUMENT = 3
"""A document's dense score is the mean of its best passages' scores, this many of them."""

PRIOR = 10
"""Passages of all languages that a language's own are weighed against, for mean and variance."""

LEAST = 0.5
"""Least deviation of a language's scores, as a share of the largest of any language."""

_NO_SPREAD = 1e-9  # what rounding leaves of equal scores

_NOTHING = Spread(0, 0.0, 0.0)
_SILENT = {True: Spread(4, 0.1, 0.1), False: Spread(4, 0.0, 0.0)}
"""Passages on other things, thought to be there, for few tell no spread: cosines, and BM25."""

_PHRASE = Spread(1, 0.0, 0.25)  # a passage that holds the phrase stands four deviations above

_COSINES = ("dense", "dense_document")

Lists = dict[str, dict[str, float]]
Spreads = dict[str, Spread]


@dataclass(frozen=True, slots=True)
class Retrieved:
    """Hits in order, and the question's vector where the encoder reads its language."""

    hits: tuple[Hit, ...]
    vector: Vectors | None
    seconds: Mapping[str, float] = field(default_factory=dict)


def reads(encoder: Encoder, lang: str) -> bool:
    """Whether the encoder was measured to read this language."""
    return encoder.languages is None or lang in encoder.languages


def weights_of(encoder: Encoder) -> Mapping[str, float]:
    """The share of each list with this encoder."""
    said = encoder.weights if isinstance(encoder, Tuned) else None
    return WEIGHTS if said is None else {**WEIGHTS, **said}


def retrieve(
    query: Query, store: IndexStore, encoder: Encoder, k: int, likely: Filter | None = None
) -> Retrieved:
    """The k best passages under the query's filter; the same store gives the same hits.

    `likely`: what documents are probably meant, such as those of a date that the question
    names; they come before others that are about as good.
    """
    started = time.perf_counter()
    vector = encoder.encode([query.search_text])[0] if reads(encoder, query.lang) else None
    encoded = time.perf_counter()
    found = gather(query, store, encoder, vector, likely)
    reranker = reranker_of(encoder)
    fused = found.order(weights_of(encoder))[: max(k, RERANKED if reranker else 0)]
    origins: dict[str, dict[str, Origin]] = {}
    for lang, (lists, _) in found.languages.items():
        own = [p for p, _ in fused if p in lists["document"]]
        origins |= _origins(own, lists, found.documents[lang])
    hits = store.hits([(p, score, origins[p]) for p, score in fused])
    if reranker is not None:
        hits = _reranked(query.search_text, hits, reranker)[:k]
    done = time.perf_counter()
    seconds = {"encode": encoded - started, "search": done - encoded}
    return Retrieved(tuple(hits), vector, seconds)


def reranker_of(encoder: Encoder) -> Reranker | None:
    """The cross-encoder that puts hits in order anew, where there is one."""
    return encoder.reranker if isinstance(encoder, Tuned) else None


def _reranked(question: str, hits: Sequence[Hit], reranker: Reranker) -> list[Hit]:
    """The best hits by what the reranker says of them, ties as they were.

    Ranks and scores stay with the places, so that both still fall; the reranker's own are among
    the origins.
    """
    best = hits[:RERANKED]
    said = reranker.scores(question, [hit.passage.text for hit in best])
    order = sorted(range(len(best)), key=lambda i: -said[i])
    moved = [
        replace(
            best[i],
            rank=place.rank,
            score=place.score,
            origins={**best[i].origins, "reranker": Origin(place.rank, said[i])},
        )
        for place, i in zip(best, order, strict=True)
    ]
    return [*moved, *hits[RERANKED:]]


@dataclass(frozen=True, slots=True)
class Gathered:
    """What the indexes say to one question, before any weights.

    `languages`: the lists of each with how all its passages lie in them; `documents`: the scores
    of its documents; `likely`: the ids of those that are probably meant.
    """

    languages: Mapping[str, tuple[Lists, Spreads]]
    documents: Mapping[str, Mapping[str, float]]
    likely: frozenset[str]

    def order(self, weights: Mapping[str, float]) -> list[tuple[str, float]]:
        """Passages with their scores, the best first."""
        fused = fuse(self.languages, weights)
        return _favoured(fused, self.likely) if self.likely else fused


def gather(
    query: Query,
    store: IndexStore,
    encoder: Encoder,
    vector: Vectors | None,
    likely: Filter | None = None,
) -> Gathered:
    """The lists of each language; `vector` is the question's where the encoder reads it."""
    languages, documents = {}, {}
    stored, lexicon = store.values("lang"), own_terms.lexicon(store)
    for lang in stored if query.filter.lang is None else [query.filter.lang]:
        narrowed = query if stored == [lang] else _only(query, lang)
        own = vector if reads(encoder, lang) else None
        lists, spreads, documents[lang] = _lists(narrowed, lang, store, lexicon, own, likely)
        languages[lang] = lists, spreads
    meant = store.documents(likely) if likely is not None else ()
    return Gathered(languages, documents, frozenset(d.document_id for d in meant))


def _only(query: Query, lang: str) -> Query:
    return replace(query, filter=replace(query.filter, lang=lang))


def _favoured(fused: Sequence[tuple[str, float]], likely: Set[str]) -> list[tuple[str, float]]:
    """Passages in their new order, those of likely documents raised by `LIKELY`."""
    raised = [(p, score + LIKELY * (document_of(p) in likely)) for p, score in fused]
    return sorted(raised, key=lambda item: (-item[1], item[0]))


def _lists(
    query: Query,
    lang: str,
    store: IndexStore,
    lexicon: Lexicon,
    vector: Vectors | None,
    likely: Filter | None = None,
) -> tuple[Lists, Spreads, dict[str, float]]:
    """Scores of passages in each list, among documents of one language, how the scores of all
    its passages lie, and the scores of its documents."""
    filter = query.filter
    asked = words(query.search_text, lang, lexicon, store.stems_from)
    lists: Lists = {"lexical": _scores(store.lexical_search(asked, DEPTH, filter))}
    spreads = {"lexical": _with_silent(lists["lexical"], store.size(filter))}
    if vector is not None:
        lists["dense"] = _scores(store.dense_search(vector, DEPTH, filter))
        lists["dense_document"] = best_of_document(lists["dense"])
        spreads["dense"] = spreads["dense_document"] = store.dense_spread(vector, filter)
    documents = _scores(store.lexical_search(asked, DOCUMENT_DEPTH, filter, level="document"))
    if likely is not None and likely.lang in (None, lang):
        narrow = replace(likely, lang=filter.lang)
        lists["lexical"] |= _scores(store.lexical_search(asked, LIKELY_DEPTH, narrow))
        documents |= _scores(store.lexical_search(asked, LIKELY_DEPTH, narrow, level="document"))
    spreads["document"] = _with_silent(documents, store.size(filter, level="document"))
    _add_passages_of(documents, lists, asked, query, store)
    if query.phrases:
        lists["phrase"] = _with_phrase(query, lang, store)
        spreads["phrase"] = _PHRASE
    candidates = {passage for scores in lists.values() for passage in scores}
    lists["document"] = {p: documents.get(document_of(p), 0.0) for p in candidates}
    return lists, spreads, documents


def _with_silent(scores: Mapping[str, float], count: int) -> Spread:
    """How scores lie when those of `count` entries that are not listed are 0."""
    values = np.zeros(max(count, len(scores)))
    values[: len(scores)] = list(scores.values())
    return Spread(len(values), float(values.mean()), float(values.std())) if count else _NOTHING


def fuse(
    languages: Mapping[str, tuple[Mapping[str, Mapping[str, float]], Mapping[str, Spread]]],
    weights: Mapping[str, float],
) -> list[tuple[str, float]]:
    """Passages by the weighted mean of their z-scores in the lists of their own language.

    Each language comes with its lists and how the scores of all its passages lie in them; see
    `comparable`. A passage that a list lacks has the list's least cosine there, or 0 for BM25.
    The weights of lists that are not there go to the others. Ties by passage id. Pure.
    """
    spreads = comparable({lang: spreads for lang, (_, spreads) in languages.items()})
    fused: dict[str, float] = {}
    for lang, (lists, own) in languages.items():
        passages = sorted({passage for scores in lists.values() for passage in scores})
        dense = weights.get("dense", 0.0) * (1 + ALONE * _wholeness(own) ** 2)
        present = {
            n: dense if n == "dense" else weights[n] for n, scores in lists.items() if scores
        }
        whole = sum(present.values()) or 1.0  # nothing where no list that counts has found any
        total = np.zeros(len(passages))
        for name, weight in present.items():
            spread = spreads[lang][name]
            least = min(lists[name].values()) if name in _COSINES else 0.0
            values = np.array([*map(lists[name].get, passages, repeat(least))])
            if spread.deviation > _NO_SPREAD:
                total += weight / whole * (values - spread.mean) / spread.deviation
        fused |= zip(passages, np.round(total, 9).tolist(), strict=True)
    return sorted(fused.items(), key=lambda item: (-item[1], item[0]))


def _wholeness(spreads: Mapping[str, Spread]) -> float:
    """Documents by passages: 1 where each document is one passage, near 0 where they are long."""
    passages = spreads["lexical"].count if "lexical" in spreads else 0
    documents = spreads["document"].count if "document" in spreads else 0
    return min(1.0, documents / passages) if passages else 0.0


def comparable(languages: Mapping[str, Mapping[str, Spread]]) -> dict[str, dict[str, Spread]]:
    """The spreads of each language by which scores of all can be compared. Pure.

    A language with a handful of passages has no spread of its own to go by: mean and variance
    of each list are drawn towards those of all languages together, as if `PRIOR` passages of
    them were added; `_SILENT` does the same where there is one language. And where a question
    has next to nothing in common with a language, small differences would count for much: no
    deviation is taken as less than `LEAST` of the largest.
    """
    out: dict[str, dict[str, Spread]] = {lang: {} for lang in languages}
    for name in {name for spreads in languages.values() for name in spreads}:
        silent = _SILENT[name in _COSINES]
        own = {
            lang: _pooled([spreads[name], silent])
            for lang, spreads in languages.items()
            if name in spreads
        }
        together = _pooled(list(own.values()))
        drawn = {lang: _pooled([s, replace(together, count=PRIOR)]) for lang, s in own.items()}
        used = drawn if len(own) > 1 else own
        largest = max(spread.deviation for spread in used.values())
        for lang, spread in used.items():
            deviation = max(spread.deviation, LEAST * largest)
            out[lang][name] = replace(spread, deviation=deviation)
    return out


def _pooled(spreads: Sequence[Spread]) -> Spread:
    """Mean of the means and of the variances by their counts; both need not be one sample."""
    count = sum(spread.count for spread in spreads)
    if not count:
        return _NOTHING
    mean = sum(s.count * s.mean for s in spreads) / count
    variance = sum(s.count * (s.deviation**2 + (s.mean - mean) ** 2) for s in spreads) / count
    return Spread(count, mean, float(np.sqrt(variance)))


def best_of_document(scores: Mapping[str, float]) -> dict[str, float]:
    """Each passage's document score: the mean of the document's best passages."""
    owners = {passage: document_of(passage) for passage in scores}
    by_document: dict[str, list[float]] = defaultdict(list)
    for passage, document in owners.items():
        by_document[document].append(scores[passage])
    means = {
        document: sum(best) / len(best)
        for document, all_scores in by_document.items()
        if (best := sorted(all_scores, reverse=True)[:BEST_OF_DOCUMENT])
    }
    return {passage: means[document] for passage, document in owners.items()}


def _add_passages_of(
    documents: Mapping[str, float],
    lists: Lists,
    asked: Sequence[Word],
    query: Query,
    store: IndexStore,
) -> None:
    """Let the best documents enter by a passage even where none of theirs was listed."""
    listed = {document_of(passage) for passage in set().union(*lists.values())}
    missing = tuple(document for document in documents if document not in listed)
    if missing:
        narrowed = replace(query.filter, documents=missing)
        lists["lexical"].update(_scores(store.lexical_search(asked, DEPTH, narrowed)))


def _with_phrase(query: Query, lang: str, store: IndexStore) -> dict[str, float]:
    """The passages in which a phrase of the question stands, in part at least."""
    found = {}
    for document_id in (query.filter.documents or ())[:DOCUMENT_DEPTH]:
        document = store.document(document_id)
        if document.lang != lang:
            continue
        places = [p for phrase in query.phrases for p in spans(phrase, document.text, query.text)]
        for passage in store.passages(document_id):
            if any(start < passage.end and end > passage.start for start, end in places):
                found[passage.passage_id] = 1.0
    return found


def _scores(found: Sequence[Scored]) -> dict[str, float]:
    return {scored.passage_id: scored.score for scored in found}


def _origins(
    passages: Sequence[str], lists: Lists, documents: Mapping[str, float]
) -> dict[str, dict[str, Origin]]:
    """Rank (1-based) and score in each index that found the passage or its document."""
    found: dict[str, dict[str, Origin]] = {passage: {} for passage in passages}
    sources = {"dense": lists.get("dense", {}), "lexical": lists["lexical"], "document": documents}
    for name, scores in sources.items():
        ordered = np.sort(np.array(list(scores.values())))
        for passage in passages:
            score = scores.get(document_of(passage) if name == "document" else passage)
            if score is not None:
                above = len(ordered) - int(np.searchsorted(ordered, score, side="right"))
                found[passage][name] = Origin(1 + above, score)
    return found
