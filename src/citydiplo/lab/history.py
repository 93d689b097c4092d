"""What collaboration remembers of each document, so that whoever comes back loses and doubles nothing."""

from jupyter_server_ydoc.stores import SQLiteYStore  # type: ignore[import-untyped]
from traitlets import Float


class History(SQLiteYStore):
    """The usual store, which grows for ever, with a bound: beyond it, the oldest histories are squashed.

    The setting of the usual store, ``squash_after_inactivity_of``, is not used: in pycrdt-store 0.1.5 it forgets what
    it should squash, and cells show twice once the server is started again.
    """

    cleanup_when_db_size_above = Float(100.0, config=True, help="The size beyond which histories are squashed, in MB.")
