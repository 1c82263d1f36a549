"""Workbooks protected with the password that Excel tries by itself."""

from __future__ import annotations

import io

from ouhe.errors import DataError, Place
from ouhe.read import bounds
from ouhe.read.extents import records

__all__ = ["DEFAULT_PASSWORD", "unlock"]

#: Password under which Excel saves and opens "protected" workbooks without asking ([MS-OFFCRYPTO] 2.3.6).
DEFAULT_PASSWORD = "VelvetSweatshop"  # noqa: S105 - known to everybody, protects nothing


def unlock(data: bytes, place: Place) -> bytes:
    """Content of a workbook in the clear; `data` itself where it is not protected.

    Raises
    ------
    DataError
        Protected with another password or in a way that is not known, or damaged.
    """
    if not data.startswith(bounds.COMPOUND) or not _protected(data, place):
        return data
    from msoffcrypto import OfficeFile
    from msoffcrypto.exceptions import InvalidKeyError

    content = io.BytesIO()
    try:
        locked = OfficeFile(io.BytesIO(data))
        if hasattr(locked, "secret_key"):  # the newer format verifies only when asked to
            locked.load_key(password=DEFAULT_PASSWORD, verify_password=True)
        else:
            locked.load_key(password=DEFAULT_PASSWORD)
        locked.decrypt(content)
    except InvalidKeyError as error:
        raise DataError.of("workbook.password", place) from error
    except Exception as error:
        raise DataError.of("workbook.protection", place, reason=str(error) or type(error).__name__) from error
    return content.getvalue()


def _protected(data: bytes, place: Place) -> bool:
    streams = bounds.streams(data, place)
    return "EncryptionInfo" in streams or any(
        kind == bounds.FILEPASS for name in bounds.BIFF_STREAMS & streams.keys() for kind, _ in records(streams[name])
    )
