"""Put costs side by side."""

from ftdecide.translation import _
from pages.parts import show

show.page_header(_("Put costs side by side"), _("What every option costs until its base model is retired."))
