"""Check the data."""

from ftdecide.translation import _
from pages.parts import show

show.page_header(
    _("Check the data"),
    _("Format, duplicates, overlap between training and test, and token counts, before anything is paid for."),
)
