"""JupyterLab as the kit starts it: with collaboration, in the reader's language, and without a token in any log."""

import json
import locale
import os
import secrets
import socket
import warnings
from collections.abc import Sequence
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from traitlets.config import Config

from citydiplo.errors import UserError
from citydiplo.language import Language

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

NEEDED = ("jupyter_collaboration", "nbdime", "jupyterlab_language_pack_fr_FR")
LOCALES = {"fr": "fr_FR", "en": "en"}
LAB = Path(__file__).parent
SAVE_AFTER = 0.2  # seconds without a key


def reader_language() -> str:
    """The language of the machine's reader, among those of the kit: French if the locale is French, else English."""
    names = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    name = next(filter(None, names), None) or locale.getlocale()[0] or ""
    return "fr" if name.lower().startswith("fr") else "en"


def require_extra(purpose: str = "to work together in JupyterLab", needed: Sequence[str] = NEEDED) -> None:
    """Say what to install if packages of the extra ``lab`` are not there."""
    missing = [name for name in needed if find_spec(name) is None]
    if missing:
        raise UserError(
            f"{purpose}, packages are missing ({', '.join(missing)}): "
            "run, in the folder of the kit, python -m pip install -e '.[lab]'"
        )


def settings(root: Path, state: Path, say: Language) -> Config:
    """How the server of one clone is set up.

    Parameters
    ----------
    root : Path
        The folder that JupyterLab shows: the clone.
    state : Path
        The folder of what collaboration remembers: a document's history lets someone who was cut off, or whose server
        was restarted, come back without doubling or losing cells.
    say : Language
        Of the page on which readers log in.
    """
    return Config(
        {
            "Application": {"log_level": "WARN"},
            "ServerApp": {
                "root_dir": str(root),
                "extra_template_paths": [str(LAB / "pages")],
                "jinja_template_vars": {"t": say.text, "lang": say.code},
            },
            # JupyterLab writes to its log a token that it made itself, but not one that it was given.
            "IdentityProvider": {"token": secrets.token_urlsafe(32)},
            # What would ask the network.
            "LabApp": {
                "news_url": None,
                "check_for_updates_class": "jupyterlab.handlers.announcements.NeverCheckForUpdate",
                "extension_manager": "readonly",
                "extra_labextensions_path": [str(LAB / "extensions")],
            },
            "YDocExtension": {
                "ystore_class": "citydiplo.lab.history.History",
                "session_store_path": str(state / "collaboration_sessions.json"),
                # What is not in the file when a server dies is taken back from everyone when it starts again.
                "document_save_delay": SAVE_AFTER,
            },
            "History": {"db_path": str(state / "ystore.db")},
        }
    )


def speak(say: Language, state: Path) -> None:
    """Make a language the default of JupyterLab's interface; a choice made in JupyterLab itself counts more."""
    folder = state / "labconfig"
    folder.mkdir(parents=True, exist_ok=True)
    defaults = {
        "@jupyterlab/translation-extension:plugin": {"locale": LOCALES[say.code]},
        "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
        # Code that scrolls sideways cannot be scrolled with the keyboard, and is lost on narrow screens.
        "@jupyterlab/notebook-extension:tracker": {"codeCellConfig": {"lineNumbers": False, "lineWrap": True}},
    }
    names = {name: say.text(f"lab_access.{name}") for name in ("clear", "editor", "fold", "skip")}
    (folder / "default_setting_overrides.json").write_text(json.dumps(defaults), encoding="utf-8")
    (folder / "page_config.json").write_text(json.dumps({"citydiploAccess": json.dumps(names)}), encoding="utf-8")
    paths = [str(state), os.environ.get("JUPYTER_CONFIG_PATH")]
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, paths))


def prepared(root: Path, say: Language, arguments: Sequence[str]) -> "ServerApp":
    """Make the server ready: its port is bound, nothing is served yet.

    Parameters
    ----------
    root : Path
        The clone.
    say : Language
    arguments : sequence of str
        For JupyterLab, which counts them more than :func:`settings`.
    """
    state = root / ".jupyter"
    speak(say, state)
    from jupyterlab.labapp import LabApp  # type: ignore[import-untyped]

    # notebook_shim looks at every attribute of the server, also the deprecated ones; voila lets their warnings show.
    with warnings.catch_warnings(record=True):
        return LabApp.initialize_server(argv=list(arguments), config=settings(root, state, say))


def refuses_root(server: "ServerApp") -> bool:
    """Whether the server will stop at once because it would run as the administrator of the machine."""
    return hasattr(os, "geteuid") and os.geteuid() == 0 and not server.allow_root


def is_shared(server: "ServerApp") -> bool:
    """Whether other machines can reach the server."""
    if server.ip == "localhost" or server.sock:
        return False
    return not (server.ip and ip_address(server.ip).is_loopback)


def has_password(server: "ServerApp") -> bool:
    """Whether readers can log in with a password: one set by the user's own configuration of Jupyter, say."""
    return bool(getattr(server.identity_provider, "hashed_password", ""))


def protect(server: "ServerApp", password: str) -> None:
    """Let those in who know a password."""
    from jupyter_server.auth.identity import PasswordIdentityProvider
    from jupyter_server.auth.security import passwd

    if not isinstance(server.identity_provider, PasswordIdentityProvider):
        raise UserError("Jupyter is configured here without passwords (identity_provider_class): not shared")
    server.identity_provider.hashed_password = passwd(password)


def address(server: "ServerApp") -> str:
    """Where the server is, without the token."""
    anywhere = server.ip in {"", "*", "0.0.0.0", "::"}  # noqa: S104
    name = socket.gethostname() if anywhere else server.ip
    return f"http{'s' if server.certfile else ''}://{name}:{server.port}{server.base_url}lab"
