"""What a paper prints, checked against itself: published numbers in, what does not agree out, with its arithmetic.

>>> from ouhe import audit
>>> audit.Printed.of("0.200").interval.shown(decimals=4)
'[0.1995, 0.2005]'
"""

from ouhe.audit.interval import Interval
from ouhe.audit.printed import Printed
from ouhe.audit.run import run
from ouhe.audit.verdict import CERTAINTIES, Audited, Certainty, Checked, Listed, Verdict, Word

__all__ = ["CERTAINTIES", "Audited", "Certainty", "Checked", "Interval", "Listed", "Printed", "Verdict", "Word", "run"]
