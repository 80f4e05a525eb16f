"""What stands before a hub can be composed: tables of this version, the key store, and the token beside it."""

from sqlalchemy import text

from hub.database import Database
from hub.errors import SettingsError
from hub.settings import Settings
from keys.errors import KeyStoreMissingError
from keys.ring import KeyRing
from keys.store import KeyStore


def open_store(settings: Settings, passphrase: bytes) -> KeyStore:
    """Open the key store, making it at the first start.

    Raises:
        KeyStoreError: it cannot be opened or made; the class says why, the message what to do.
    """
    if KeyStore.is_in(settings.key_store):
        return KeyStore.open(settings.key_store, passphrase)
    settings.data.mkdir(parents=True, exist_ok=True)
    return KeyStore.create(settings.key_store, passphrase)


def open_ring(settings: Settings, store: KeyStore) -> KeyRing:
    """Put the token that the settings name beside the key store; the first use of one of its keys logs in.

    Raises:
        SettingsError: the PIN file cannot be used.
    """
    return KeyRing.of(store, settings.token_access())


def check_tables(settings: Settings) -> None:
    """Refuse a database of another version, or one whose key store is missing: a new store could open nothing in it.

    Raises:
        SettingsError: the tables are of another version; says what to do.
        KeyStoreMissingError: the store is not there.
        UnavailableError: the database cannot be reached.
    """
    database = Database(settings.database_url)
    try:
        if not database.is_current():
            raise SettingsError("The database's tables are not those of this version; run `licence-hub migrate`.")
        with database.snapshot() as session:
            used = session.execute(text("SELECT count(*) FROM vault_edition")).scalar_one()
        if used and not KeyStore.is_in(settings.key_store):
            raise KeyStoreMissingError(
                f"The key store {settings.key_store} is missing, and this database needs it; restore it first."
            )
    finally:
        database.close()
