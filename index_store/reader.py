"""StoreReader: documents, passages, pages, files and statistics of an open store.

Each method passes the question to the catalogue. Not here: searches (`searching`), opening and
writing (`store`).
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from index_store.catalogue.capitals import CapitalisedWords
from index_store.catalogue.connection import KEPT_PREFIX, State
from index_store.catalogue.entry import EncoderIdentity, FileState
from index_store.catalogue.quotation_keys import QuotationKeys
from index_store.catalogue.reading import Catalogue
from index_store.catalogue.schema import check_encoder
from index_store.errors import NotStored, StoreCorrupt, StoreError
from index_store.follower import Follower
from index_store.layout import Layout, Page, is_picture_name
from index_store.pictures import Pictures
from index_store.positions import Positions
from index_store.search import Search
from index_store.statistics import statistics
from index_store.types import (
    Document,
    Filter,
    Hit,
    Manifest,
    Origin,
    Passage,
)
from index_store.vectors.index import VectorIndex
from index_store.vectors.server import Chroma


class StoreReader:
    """The reading half of a store; safe to share between threads. `owner`: it is the writer's.

    Every method raises StoreError when the store cannot be read and StoreCorrupt for damage.
    """

    def __init__(
        self, catalogue: Catalogue, chroma: Chroma, exact_limit: int, *, owner: bool
    ) -> None:
        self.directory = catalogue.directory
        self.manifest: Manifest = catalogue.manifest()
        self._catalogue = catalogue
        self._vectors = VectorIndex(
            self.directory, catalogue.meta()["store_id"], chroma, owner=owner
        )
        self._positions = Positions(catalogue)
        self._follower = Follower(catalogue.place) if catalogue.place.server and not owner else None
        self._pictures = Pictures(self.directory)
        self._sha256: tuple[tuple[State, str], str] | None = None  # of what, and the hash
        self._keys = QuotationKeys(catalogue)
        self._capitals = CapitalisedWords(catalogue)
        if self._follower is not None and chroma is None:
            exact_limit = sys.maxsize  # what Chroma has in this folder may be of long ago
        self._search = Search(catalogue, self._vectors, self.manifest.dimension, exact_limit)

    def check_encoder(self, encoder: EncoderIdentity) -> None:
        """Raises StoreMismatch unless the store was built with this encoder."""
        check_encoder(self.manifest, encoder, str(self._catalogue.place))

    def kept(self, name: str) -> str | None:
        """The text kept under this name, None when there is none."""
        return self._catalogue.kept(name)

    # -- documents and passages --------------------------------------------------------------

    def document(self, document_id: str) -> Document:
        """The whole document. Raises NotStored."""
        return self._catalogue.document(document_id)

    def documents(
        self, filter: Filter = Filter(), limit: int | None = None, offset: int = 0
    ) -> list[Document]:
        """The documents that meet the filter, WITHOUT their text, by date (undated last) and id.

        At most `limit` of them, after the first `offset`.
        """
        return self._catalogue.documents(filter, limit, offset)

    def written_at(self, places: Sequence[str]) -> list[str]:
        """Ids, sorted, of the documents with one of these values as their place."""
        return self._catalogue.written_at(places)

    def titled(self, title: str) -> list[str]:
        """Ids of the documents with this title, by date (undated last) and id."""
        return self._catalogue.titled(title)

    def document_ids(self, filter: Filter = Filter()) -> list[str]:
        """Ids, sorted, of the documents that meet the filter."""
        return self._search.document_ids(filter)

    def holder(self, document_id: str) -> tuple[str, str] | None:
        """Path and hash of the document with this id, None when there is none."""
        return self._catalogue.holder(document_id)

    def copies(self) -> list[list[Document]]:
        """Groups of documents, without text, whose texts are equal."""
        return self._catalogue.copies()

    def search_keys(self) -> Iterator[tuple[str, str, str, str]]:
        """Id, language, hash of the text and search key of all documents."""
        return self._catalogue.search_keys()

    def texts_sha256(self) -> str:
        """A hash of all texts with their ids, languages and warnings, and of nothing else."""
        return self._catalogue.texts_sha256()

    def versions(self) -> list[list[Document]]:
        """Documents, without text, of the records in several languages, record by record."""
        return self._catalogue.versions()

    def warned(self, code: str) -> list[Document]:
        """Documents, without text, that carry a warning of this code."""
        return self._catalogue.warned(code)

    def record(self, record_id: str) -> list[Document]:
        """All language versions of a record, whole, by id."""
        return self._catalogue.record(record_id)

    def passages(self, document_id: str) -> list[Passage]:
        """The passages of a document in order. Raises NotStored."""
        with self._catalogue.snapshot():
            return self._catalogue.passages(document_id)

    def passage(self, passage_id: str) -> Passage:
        """One passage. Raises NotStored."""
        return self._catalogue.passage(passage_id)

    def hits(self, scored: Sequence[tuple[str, float, Mapping[str, Origin]]]) -> list[Hit]:
        """Hits, ranked as given, from (passage id, score, origins); unknown ids are dropped."""
        found = self._catalogue.with_documents([name for name, _, _ in scored])
        known = [item for item in scored if item[0] in found]
        return [
            Hit(*found[name], rank, score, origins)
            for rank, (name, score, origins) in enumerate(known, start=1)
        ]

    # -- pages -------------------------------------------------------------------------------

    def layout(
        self, document_id: str, start: int = 0, end: int | None = None, below: float | None = None
    ) -> Layout | None:
        """The pages of a document, and where the words in `text[start:end]` stand on them.

        With `below` of the words only those that were read with less confidence, and the first of
        each page. None where its file has no pages. Raises NotStored.
        """
        return self._catalogue.layout(document_id, start, end, below)

    def layouts_of(
        self, document: Document, spans: Sequence[tuple[int, int]]
    ) -> list[Layout] | None:
        """For each span of the text its layout: all pages, and the words in the span.

        None where there is no layout, or where the document has been replaced meanwhile.
        """
        return self._catalogue.layouts_of(document, spans)

    def pages(self, document_id: str) -> tuple[Page, ...]:
        """The pages of a document, () where it has no layout."""
        return self._catalogue.pages(document_id)

    def picture(self, name: str, large: bool = False) -> bytes:
        """The picture of a page, JPEG or PNG, in the size to read by or the large one.

        Raises NotStored where no document has it, StoreCorrupt where its file is missing or
        damaged.
        """
        if not is_picture_name(name):  # it may come from a request
            raise NotStored(f"{name[:80]!r} is not the name of a picture")
        stored = self._catalogue.pictures(name).get(name)
        if stored is None:
            raise NotStored(f"no picture {name} in the store {self.directory}")
        try:
            data = self._pictures.read(name, large)
        except OSError as error:
            raise StoreError(f"the picture {name} cannot be read: {error}") from error
        if data is None:
            raise StoreCorrupt(f"the picture {name} is missing; ingest its file again")
        if hashlib.sha256(data).hexdigest() != (stored.large_sha256 if large else stored.sha256):
            raise StoreCorrupt(f"the picture {name} is damaged; run `fonds doctor --repair`")
        return data

    # -- files and statistics ------------------------------------------------------------------

    def file(self, path: str) -> FileState | None:
        """The record of an ingested file, None when there is none."""
        return next(iter(self._catalogue.files(path)), None)

    def files(self) -> list[FileState]:
        """The records of all ingested files, by path."""
        return self._catalogue.files()

    def info(self) -> dict[str, Any]:
        """Counts, languages, date span, encoder, schema, version and sizes in bytes."""
        told = statistics(self._catalogue, self.manifest)
        if self._follower is not None:
            told |= {"catalogue": str(self._catalogue.place), "behind": self._follower.behind(),
                     "was_behind": self._follower.was_behind}  # fmt: skip
            if self._follower.fault is not None:
                told["fault"] = str(self._follower.fault)
        return told

    def sha256(self) -> str:
        """A hash of the content: ids and hashes of the documents, and the texts of `keep`."""
        with self._catalogue.snapshot():
            meta = sorted(self._catalogue.meta().items())
            kept = "".join(f"{n}\0{text}\n" for n, text in meta if n.startswith(KEPT_PREFIX))
            hashed = (self._catalogue.state(), kept)
            if self._sha256 is None or self._sha256[0] != hashed:
                whole = hashlib.sha256(kept.encode())
                for name, sha256 in self._catalogue.rows(
                    "SELECT document_id, sha256 FROM documents ORDER BY document_id"
                ):
                    whole.update(f"{name}\0{sha256}\n".encode())
                self._sha256 = (hashed, whole.hexdigest())
            return self._sha256[1]

    def __len__(self) -> int:
        return self._catalogue.count("passages")
