"""Measure the options."""

from ftdecide.translation import _
from pages.parts import show

show.page_header(_("Measure the options"), _("A real comparison of base model and fine-tune on one locked test set."))
