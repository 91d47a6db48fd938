"""How a test opens a page of the app: through `app.py`, as the address of a browser does."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

APP = Path(__file__).resolve().parents[1] / "app.py"


def visit(page: str, **query: str | None) -> AppTest:
    """Open a page by the name of its file, with the parts of the address that are given."""
    app = AppTest.from_file(str(APP), default_timeout=60)
    for name, value in query.items():
        if value is not None:
            app.query_params[name] = value
    app.run()
    return app.switch_page(f"pages/{page}.py").run()
