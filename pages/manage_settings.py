"""Settings."""

from ftdecide.translation import _
from pages.parts import show

show.page_header(_("Settings"), _("Providers, keys and prices."))
