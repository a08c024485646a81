"""Money as whole nano-dollars: a token costs 50 to 15,000 of them, and sums of whole numbers are exact."""

from fractions import Fraction

NANO = 1_000_000_000


def nano(dollars: Fraction) -> int:
    """*dollars* in whole nano-dollars, halves to even."""
    return round(dollars * NANO)


def show(amount: int) -> str:
    """An amount of nano-dollars for people: cents and up with two decimals, less with as many as tell something."""
    sign, size = ("-" if amount < 0 else ""), abs(amount)
    if size == 0:
        return "$0"
    if size < 1_000:
        return f"{sign}<$0.000001"
    dollars = size / NANO
    decimals = 2 if dollars >= 1 else 4 if dollars >= 0.01 else 6
    return f"{sign}${dollars:,.{decimals}f}"
