"""Alternatives."""

from ftdecide.translation import _
from pages.parts import show

show.page_header(_("Alternatives"), _("What was tried, and how well did it do?"))
