"""How to fine-tune."""

from ftdecide.translation import _
from pages.parts import show

show.page_header(_("How to fine-tune"), _("What fine-tuning is, when it pays, and how to do it on each system."))
