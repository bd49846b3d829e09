"""Makes the text files that `prepare.py` reads of clones of the repositories that hold the texts.

    gather.py --nltk FOLDER --books FOLDER [--out DIR]

Of NLTK's data: MASC, and the State of the Union and inaugural addresses. Of the books: all that are mostly English. Beside each text file NAME.txt.gz
lies NAME.txt.gz.source, which says where it comes from, and goes into the SOURCE.txt of a model.
"""

import argparse
import gzip
import re
import subprocess
import zipfile
from pathlib import Path

from place import write_bytes

NLTK, BOOKS = "https://github.com/nltk/nltk_data", "https://github.com/mlschmitt/classic-books-markdown"
# The commits that the bundled model's texts are of.
COMMITS = {NLTK: "5db857e6f7df11eabb5e5665836db9ec8df07e28", BOOKS: "944882722e9a96fa6cf2739dc2ea757e101f412f"}
SHORTEST = 40
ASCII = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "–": "--", "—": "--", "…": "...", "\u00a0": " "})
COMMON = {"the", "and", "of", "to", "a", "in", "that", "he", "was", "it", "his", "is", "with", "i", "for", "you", "her", "she", "not", "as"}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nltk", type=Path, required=True, metavar="FOLDER", help=f"a clone of {NLTK}")
    parser.add_argument("--books", type=Path, required=True, metavar="FOLDER", help=f"a clone of {BOOKS}")
    parser.add_argument("--out", type=Path, default=Path("."), metavar="DIR", help="where the text files go; this folder unless given")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    corpora = options.nltk / "packages/corpora"
    modern = [*tagged(corpora / "masc_tagged.zip"), *plain(corpora / "state_union.zip"), *plain(corpora / "inaugural.zip")]
    notice = (
        "MASC, the Manually Annotated Sub-Corpus of the American National Corpus: free for research, development and commercial use; "
        "State of the Union and inaugural addresses of presidents of the United States: public domain"
    )
    write(options.out / "modern.txt.gz", modern, f"{notice} ({commit(options.nltk, NLTK)}).")
    notice = 'English books (README: "All titles from the public domain"): public domain'
    write(options.out / "books.txt.gz", list(books(options.books)), f"{notice} ({commit(options.books, BOOKS)}).")


def texts(path):
    """The texts in a zip file, in the order of their names."""
    with zipfile.ZipFile(path) as file:
        for name in sorted(file.namelist()):
            if name.endswith(".txt") and not name.endswith("categories.txt"):
                yield file.read(name).decode("utf-8", errors="replace")


def tagged(path):
    """Sentences, one a line, of texts whose words have their part of speech behind them: `So_IN I_PRP`."""
    for text in texts(path):
        for line in text.splitlines():
            sentence = " ".join(word.rpartition("_")[0] for word in line.split() if "_" in word)
            if sentence:
                yield sentence


def plain(path):
    """Paragraphs, one a line."""
    for text in texts(path):
        yield from (" ".join(line.split()) for line in text.splitlines() if line.strip())


def books(folder):
    """The paragraphs of books in Markdown, each once, without its marks."""
    seen = set()
    for path in sorted(folder.rglob("*.md")):
        if path.parent == folder:
            continue
        for paragraph in re.split(r"\n\s*\n", path.read_text(encoding="utf-8", errors="replace")):
            text = unmarked(paragraph)
            if text and text not in seen:
                seen.add(text)
                yield text


def unmarked(paragraph):
    """A paragraph as one line, or nothing: of headings, rules, tables and pictures, of short ones, and of other languages."""
    if re.match(r"\s*(#|---|===|\*\*\*|\||!\[|<)", paragraph):
        return None
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", paragraph.translate(ASCII))
    text = " ".join(re.sub(r"\\([*_#\[\]])|[*_`]|^\s*>", r"\1", text, flags=re.M).split())
    words = re.findall(r"[a-z]+", text.lower())
    is_english = sum(word in COMMON for word in words) > 0.15 * len(words)
    return text if len(text) >= SHORTEST and is_english else None


def commit(folder, url):
    """What is told of where a clone comes from, with its commit; warns of another one than that of the bundled model."""
    command = ["git", "-C", str(folder), "rev-parse", "HEAD"]
    found = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    if found != COMMITS[url]:
        print(f"{folder} is at {found or 'no commit'}; the bundled model's texts are of {COMMITS[url]}", flush=True)
    return f"{url.removeprefix('https://')}, commit {found[:8] or 'unknown'}"


def write(path, found, source):
    """A text a line, and where they come from."""
    # Without a time in it the same texts make the same file.
    write_bytes(path, gzip.compress("".join(f"{line}\n" for line in found).encode(), mtime=0))
    write_bytes(path.with_name(path.name + ".source"), f"{source}\n".encode())
    print(f"{path}: {len(found)} lines", flush=True)


if __name__ == "__main__":
    main()
