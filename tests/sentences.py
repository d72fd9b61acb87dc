"""Every sentence people read, taken from the source: what a translation must have. ``python -m tests.sentences`` updates it.

New sentences are added to each language's file without a translation, those that are gone are taken out.
"""

from __future__ import annotations

import ast
import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from bot.words import LANGUAGES

SOURCE = Path(__file__).parent.parent / "bot"
FORMS = {"_": 1, "N_": 1, "_n": 2}
"""What marks a sentence, and how many forms of it are given."""

HEADER = r"""# {name} for Ardoise. French is the source: it stands in the program.
msgid ""
msgstr ""
"Language: {language}\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"
"Plural-Forms: {plural}\n"

"""


def extracted() -> Catalog:
    """Take every sentence from the source.

    Read from its syntax tree: Babel's reading of Python 3.11 misses what stands inside an f-string.
    """
    found = Catalog(charset="utf-8")
    for file in sorted(SOURCE.rglob("*.py")):
        where = file.relative_to(SOURCE.parent).as_posix()
        for sentence, line in sentences_of(file.read_text(encoding="utf-8")):
            found.add(sentence, locations=[(where, line)])
    return found


def sentences_of(source: str) -> Iterator[tuple[str | tuple[str, ...], int]]:
    """List the sentences of a file, a pair where there is a plural, with their lines."""
    for call in ast.walk(ast.parse(source)):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in FORMS:
            given = call.args[: FORMS[call.func.id]]
            said = tuple(str(form.value) for form in given if isinstance(form, ast.Constant))
            if len(said) == FORMS[call.func.id]:
                yield (said if len(said) > 1 else said[0]), call.lineno


def path_of(language: str) -> Path:
    """Tell where a language's translations are."""
    return SOURCE / "locale" / language / "LC_MESSAGES" / "ardoise.po"


def translated(language: str) -> Catalog:
    """Read a language's translations."""
    with path_of(language).open("rb") as file:
        return read_po(file, locale=language)


def bring_up_to_date(language: str) -> None:
    """Add what is new to a language's file, and take out what is gone."""
    catalog = translated(language) if path_of(language).exists() else Catalog(language, charset="utf-8")
    catalog.update(extracted(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    path_of(language).write_bytes(written(language, catalog))


def written(language: str, catalog: Catalog) -> bytes:
    """Write translations in the order of their sentences, without dates, so that only what was changed differs."""
    sentences = io.BytesIO()
    write_po(sentences, catalog, width=120, sort_output=True, omit_header=True, include_lineno=False)
    header = HEADER.format(name=LANGUAGES[language], language=language, plural=catalog.plural_forms)
    return header.encode() + sentences.getvalue()


if __name__ == "__main__":
    for spoken in ("en",):
        bring_up_to_date(spoken)
