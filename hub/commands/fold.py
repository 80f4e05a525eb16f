"""`licence-hub fold`: folds records into figures and lets them be found, once; a server starts it when there is much to fold.

It is a process of its own and no worker of jobs because it comes once a minute: it composes no hub and opens no key store, which a worker does for a second.
"""

import logging

from hub.commands.beside import stand_beside
from hub.commands.logs import write_logs
from hub.database import Database
from hub.errors import SettingsError, UnavailableError
from hub.settings import read_settings
from hub.settling import settle
from hub.supervision.deriving import deriving

_log = logging.getLogger("hub.supervision")


def fold() -> None:
    """Fold what is new in the log into figures and alerts, and let it be found."""
    settings = read_settings()
    write_logs(settings)
    stand_beside()
    settle()
    database = Database(settings.database_url)
    try:
        if not database.is_current():
            raise SettingsError("The database's tables are not those of this version; run `licence-hub migrate`.")
        deriving(database, settings.calendar).catch_up()
    except UnavailableError as error:
        _log.warning("records could not be folded into figures: %s", error.code)
    except KeyboardInterrupt:
        pass  # whole parts stand
    finally:
        database.close()
