"""The families of indicators, and which family knows which indicator."""

from .inquiries import COHORT, INQUIRIES, QUALIFIED
from .results import CLOSES
from .snapshots import EXPECTED, OPEN
from .stages import ENTRIES, MOVES, STAYS

FAMILIES = (INQUIRIES, QUALIFIED, COHORT, CLOSES, ENTRIES, MOVES, STAYS, OPEN, EXPECTED)
FAMILY_OF = {code: family for family in FAMILIES for code in family.measures}
