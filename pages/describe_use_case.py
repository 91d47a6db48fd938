"""Use case."""

from ftdecide.translation import _
from pages.parts import show

show.page_header(_("Use case"), _("What should the model do better?"))
