"""Should we fine-tune?."""

from ftdecide.translation import _
from pages.parts import show

show.page_header(_("Should we fine-tune?"), _("Answer a short questionnaire; get a verdict with its reasons."))
