"""Identifiers in the platform's shapes, the same whenever what they are made of is the same."""

from __future__ import annotations

import hashlib
import string

ALPHABET = string.ascii_letters + string.digits


def derived_id(prefix: str, length: int, *parts: object) -> str:
    """Identifier in the platform's shape that is the same whenever the parts are the same."""
    number = int.from_bytes(hashlib.sha512(repr(parts).encode()).digest(), "big")
    letters = []
    for _ in range(length):
        number, place = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[place])
    return prefix + "".join(letters)


def derived_number(length: int, *parts: object) -> str:
    """Number in the shape of the platform's numeric ids, the same whenever the parts are the same."""
    number = int.from_bytes(hashlib.sha512(repr(parts).encode()).digest(), "big")
    return f"7{number % 10 ** (length - 1):0{length - 1}}"
