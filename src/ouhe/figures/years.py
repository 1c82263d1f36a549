"""Years that stand for a series in small multiples."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ouhe.errors import OptionError, Problem

__all__ = ["chosen", "of_analysis"]


def chosen(available: Iterable[int], wanted: Sequence[int] | None = None, *, most: int = 4) -> list[int]:
    """Years to show: those wanted, or the first, the last and others evenly between.

    Parameters
    ----------
    available
        Years there are, rising.
    wanted
        Years asked for, in any order.
    most
        How many are taken where none are asked for.

    Raises
    ------
    OptionError
        A year is wanted that there is not; all are told.

    Examples
    --------
    >>> chosen(range(2010, 2023)), chosen(range(2010, 2023), [2022, 2015]), chosen([2020, 2021])
    ([2010, 2014, 2018, 2022], [2015, 2022], [2020, 2021])
    """
    years = [int(y) for y in available]
    if wanted:
        unknown = [y for y in wanted if y not in years]
        if unknown:
            told = ({"year": y, "first": years[0], "last": years[-1]} for y in unknown)
            raise OptionError(*(Problem("figures.unknown_year", params=params) for params in told))
        return sorted({int(y) for y in wanted})
    count = min(most, len(years))
    return [years[round(i * (len(years) - 1) / max(1, count - 1))] for i in range(count)]


def of_analysis(available: Iterable[int], wanted: Sequence[int] | None, study: Iterable[int]) -> list[int]:
    """Years that a figure of an analysis shows: those wanted that the analysis covers.

    An analysis may cover fewer years than the study, which somebody chose: up to six of them are then shown unless
    others are wanted. Where it covers none of those wanted, the figure chooses from its own.

    Parameters
    ----------
    available
        Years of the analysis, rising.
    wanted
        Years asked for of all figures.
    study
        Years of the study, rising.

    Raises
    ------
    OptionError
        A year is wanted that the study has not; all are told.

    Examples
    --------
    >>> of_analysis([2010, 2015], [2015, 2020], range(2010, 2023)), of_analysis([2010, 2015], [2020], range(2010, 2023))
    ([2015], [2010, 2015])
    """
    years, all_years = [int(y) for y in available], [int(y) for y in study]
    both = [y for y in chosen(all_years, wanted) if y in years] if wanted else []
    return chosen(years, both, most=4 if years == all_years else 6)
