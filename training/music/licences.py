"""Says under which licence a written score stands, and whether it may be trained on. Any thread."""

import re
from pathlib import Path

FILES = ("LICENSE.txt", "LICENCE.txt", "LICENSE", "LICENCE", "COPYING", "COPYING.txt")
FIRST_WORDS = 1500  # characters of a licence's file; its name stands at its beginning
LONGEST = 80  # characters of a line of rights that names no licence
CC_TERMS = {
    "attribution": "BY",
    "sharealike": "SA",
    "noncommercial": "NC",
    "noderivatives": "ND",
    "noderivs": "ND",
}

# What each looks like: the short name, the long one, or the address.
CC = re.compile(
    r"(?:\bCC[- ]|creativecommons\.org/licenses/)?\b(BY(?:[- ](?:NC|ND|SA))*)\b[-/ ]*(\d\.\d)?",
    re.I,
)
CC_LONG = re.compile(
    r"Attribution((?:[- ](?:Non-?Commercial|No-?Deriv(?:ative)?s|Share-?Alike))*)"
    r"(?: (\d\.\d)| International| Unported|[- ]*licen[cs]e)",
    re.I,
)
OTHERS = {
    "CC0 1.0": r"\bCC-?0\b|publicdomain/zero",
    "public domain": r"public[- ]?domain",
    "GPL": r"GNU General Public Licen[cs]e|\bGPL\b",
    "MIT": r"\bMIT Licen[cs]e\b",
}
FORBIDDEN = re.compile(
    r"\b(?:all|electronic) rights reserved|rights to .{0,80} reserved|non-?commercial"
    r"|no[- ]?deriv(?:ative|s\b)|not (?:be|in the|for) (?:sold|public domain|commercial)",
    re.I | re.S,
)
CLAIMED = re.compile(r"copyright|©|\(c\)", re.I)


def licence_named(text: str) -> str:
    """Return the licence that a text names first, or "" if it names none that is known."""
    found: list[tuple[int, str]] = []
    for match in CC.finditer(text):
        # the mere word "by" is no licence
        if re.match(r"CC|creativecommons", match[0], re.I) or (match[1].isupper() and match[2]):
            terms = match[1].upper().replace(" ", "-")
            found.append((match.start(), f"CC {terms} {match[2] or ''}".strip()))
    if long := CC_LONG.search(text):
        words = re.findall(r"[A-Za-z]+", re.sub(r"(?i)\b(non|no|share)-", r"\1", long[1]))
        terms = "-".join(["BY", *(CC_TERMS[word.lower()] for word in words)])
        found.append((long.start(), f"CC {terms} {long[2] or ''}".strip()))
    for name, pattern in OTHERS.items():
        if other := re.search(pattern, text, re.I):
            found.append((other.start(), name))
    if forbidden := FORBIDDEN.search(text):
        found.append((forbidden.start(), " ".join(forbidden[0].split())))
    return min(found)[1] if found else ""


def licence_of(rights: str, folder_licence: str) -> str:
    """Return a score's licence: what it says itself, else what its folder says; "" is unknown."""
    named = licence_named(rights)
    if named or not CLAIMED.search(rights):
        return named or folder_licence
    return " ".join(rights.split())[:LONGEST]  # somebody's, and no word about its use


def folder_licence(folder: Path, top: Path) -> str:
    """Return the licence that lies in a folder, or in the nearest one above it up to ``top``."""
    for place in (folder, *folder.parents):
        for name in FILES:
            try:
                text = (place / name).read_text(encoding="utf-8", errors="replace")
            except OSError:
                continue
            return licence_named(text[:FIRST_WORDS])
        if place == top:
            break
    return ""


def forbids_training(licence: str) -> bool:
    """Whether a licence forbids to change the music, or to sell what comes of it."""
    return bool(FORBIDDEN.search(licence) or re.search(r"^CC BY\b.*-(NC|ND)\b", licence))


def is_known(licence: str) -> bool:
    """Whether it is the name of a licence rather than nothing, or somebody's claim."""
    return bool(licence_named(licence))
