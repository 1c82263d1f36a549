"""Files of typed columns: Stata (.dta), SPSS (.sav) and Parquet."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from ouhe.errors import DataError, Place
from ouhe.read.bounds import MOST_CELLS

__all__ = ["is_stata", "open_parquet", "open_stata"]

_SAV_MAGIC = (b"$FL2", b"$FL3")
#: Stata files before version 118 do not say their encoding; Chinese ones hold GBK.
_ENCODINGS = ("UTF-8", "GB18030")


def is_stata(path: Path, magic: bytes) -> bool:
    """Whether a file is one of Stata or SPSS, by its first bytes or, for old Stata files, by its suffix."""
    return magic.startswith((b"<stata_dta>", *_SAV_MAGIC)) or path.suffix.lower() in {".dta", ".sav"}


def open_stata(path: Path, *, file: str) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Records of a file and the label of every column.

    Numbers that carry value labels are replaced by the labels, so that a coded region column holds names; a number
    without a label stays.

    Parameters
    ----------
    path
        The file.
    file
        Its name in messages.

    Returns
    -------
    tuple
        The records, and the labels of the variables ("" where one has none).

    Raises
    ------
    DataError
        The file is neither, is damaged, holds too many cells, or its texts are neither UTF-8 nor GB18030.
    """
    import pyreadstat

    with path.open("rb") as stream:
        sav = stream.read(4) in _SAV_MAGIC
    read = pyreadstat.read_sav if sav else pyreadstat.read_dta
    failure: Exception | None = None
    for encoding in _ENCODINGS:
        try:
            _, about = read(str(path), encoding=encoding, metadataonly=True)
            most = MOST_CELLS // max(len(about.column_names), 1)
            frame, meta = read(str(path), encoding=encoding, row_limit=most + 1)
        except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, UnicodeDecodeError) as error:
            failure = failure or error
            continue
        # A compressed file may hold more than it says and than its size lets expect.
        _check_size(len(frame), len(frame.columns), file)
        labels = tuple(label or "" for label in meta.column_labels)
        return _with_value_labels(frame, meta.variable_value_labels), labels
    kind = "SPSS" if sav else "Stata"
    raise DataError.of("read.bad_file", Place(file), kind=kind, detail=str(failure)) from failure


def open_parquet(path: Path, *, file: str) -> pd.DataFrame:
    """Records of a Parquet file, a named index among them.

    Raises
    ------
    DataError
        The file is damaged, or holds too many cells.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        about = pq.read_metadata(path)
        _check_size(about.num_rows, about.num_columns, file)
        frame: pd.DataFrame = pq.read_table(path).to_pandas()
    except (pa.ArrowException, OSError) as error:
        raise DataError.of("read.bad_file", Place(file), kind="Parquet", detail=str(error)) from error
    return frame if isinstance(frame.index, pd.RangeIndex) else frame.reset_index()


def _check_size(rows: int, columns: int, file: str) -> None:
    if rows * columns > MOST_CELLS:
        raise DataError.of("read.too_many_cells", Place(file), rows=rows, columns=columns, limit=MOST_CELLS)


def _with_value_labels(frame: pd.DataFrame, labels: dict[str, dict[float | int, str]]) -> pd.DataFrame:
    """Records with labels in the place of the codes they stand for."""
    out = frame.astype(object)
    for column, texts in labels.items():
        coded = out[column]
        out[column] = coded.map(texts).where(coded.isin(list(texts)), coded)
    return out
