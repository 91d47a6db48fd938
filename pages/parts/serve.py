"""Start Streamlit: `python -m pages.parts.serve run app.py …`, as `make run` does.

Before the first visitor Streamlit takes every file in `pages/` for a page of its own making, and greets a deep link
that it cannot find among them with "Page not found", although `app.py` then shows the page. Saying beforehand that the
page table is `app.py`'s spares that visitor the message; `streamlit run app.py` works too, with that one blemish.
"""

import sys

from streamlit.runtime.pages_manager import PagesManager
from streamlit.web.cli import main

if __name__ == "__main__":
    PagesManager.uses_pages_directory = False
    sys.exit(main(prog_name="streamlit"))
