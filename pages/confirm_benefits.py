"""Benefits."""

from ftdecide.translation import _
from pages.parts import show

show.page_header(_("Benefits"), _("What would a fine-tuned model gain?"))
