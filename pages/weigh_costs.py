"""Costs."""

from ftdecide.translation import _
from pages.parts import show

show.page_header(_("Costs"), _("Who may tune what, with which data, people and money?"))
