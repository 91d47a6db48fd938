"""Read the decision."""

from ftdecide.translation import _
from pages.parts import show

show.page_header(_("Read the decision"), _("Verdict, reasons, risks and what would change it."))
