"""The documents that questions are looked up in: read from a file or a folder, and cut into passages."""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from ftdecide.errors import InputError
from ftdecide.translation import _

SUFFIXES = (".md", ".txt")
_BLANK_LINES = re.compile(r"\n[^\S\n]*\n")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


class Document(BaseModel):
    """One text to look things up in; a JSON Lines file may say more about it, which is not used."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    id: str
    title: str = ""
    text: str


def read_documents(path: Path) -> tuple[Document, ...]:
    """Read a folder of .txt and .md files with all folders in it, or a JSON Lines file with `id`, `title` and `text`.

    Raises:
        InputError: it cannot be read, is no such file, names two documents alike, or holds no text at all.
    """
    try:
        found = tuple(_folder(path) if path.is_dir() else _lines(path))
    except OSError as error:
        text = _("documents {path!r} cannot be read ({why}); check the path")
        raise InputError(text.format(path=str(path), why=error.strerror or error)) from error
    if not any(document.text.strip() for document in found):
        text = _("documents {path!r} hold no text; name a folder of .txt and .md files or a JSON Lines file")
        raise InputError(text.format(path=str(path)))
    return found


def cut_passages(documents: Iterable[Document], passage_words: int) -> tuple[str, ...]:
    """Return the passages of all documents in order, each beginning with its document's title.

    A document is cut at blank lines; neighbouring paragraphs are joined as long as they have `passage_words` words at
    most together, and a longer paragraph is cut at the ends of its sentences.
    """
    return tuple(
        f"{document.title}\n{passage}" if document.title else passage
        for document in documents
        for passage in _join(_pieces(document.text, passage_words), passage_words)
    )


def _folder(path: Path) -> Iterator[Document]:
    for file in sorted(each for each in path.rglob("*") if each.suffix.lower() in SUFFIXES and each.is_file()):
        text, title = _decode(file), file.stem.replace("_", " ")
        first, _line, rest = text.strip().partition("\n")
        if first.startswith("#"):
            title, text = first.lstrip("#").strip(), rest
        yield Document(id=file.relative_to(path).as_posix(), title=title, text=text)


def _decode(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        text = _("document {path!r} is not UTF-8 (byte {place}); save it as UTF-8")
        raise InputError(text.format(path=str(file), place=error.start)) from error


def _lines(path: Path) -> Iterator[Document]:
    known: dict[str, int] = {}
    for number, line in enumerate(_decode(path).splitlines(), start=1):
        if not line.strip():
            continue
        try:
            document = Document.model_validate(json.loads(line))
        except (ValidationError, ValueError, RecursionError) as error:
            text = _("{path!r}, line {line}: no document; write a JSON object with the texts id, title and text")
            raise InputError(text.format(path=str(path), line=number)) from error
        if document.id in known:
            text = _("{path!r}, line {line}: id {id!r} is that of line {first} too; give each document its own")
            raise InputError(text.format(path=str(path), line=number, id=document.id, first=known[document.id]))
        known[document.id] = number
        yield document


def _pieces(text: str, most_words: int) -> Iterator[str]:
    """Yield paragraphs; of one that is too long, its sentences, and of one that is too long still, its words."""
    for paragraph in filter(None, map(str.strip, _BLANK_LINES.split(text))):
        if len(paragraph.split()) <= most_words:
            yield paragraph
            continue
        for sentence in _SENTENCE_END.split(paragraph):
            words = sentence.split()
            for start in range(0, len(words), most_words):
                yield " ".join(words[start : start + most_words])


def _join(pieces: Iterator[str], most_words: int) -> Iterator[str]:
    passage: list[str] = []
    words = 0
    for piece in pieces:
        more = len(piece.split())
        if passage and words + more > most_words:
            yield "\n".join(passage)
            passage, words = [], 0
        passage.append(piece)
        words += more
    if passage:
        yield "\n".join(passage)
