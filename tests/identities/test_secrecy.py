"""No plaintext of the registers at rest: names, numbers, codes and addresses are nowhere in the database, in no encoding."""

from pathlib import Path

from sqlalchemy import text

from hub.catalogue.registers import NATURAL_PERSON, ORGANISATION
from hub.identities.statement import Statement
from tests.identities.office import AS_OF, MARKET, NOW, Office, file_of, name_of, number_of, row_of, statement_of
from tests.licences.test_secrecy import encodings

CODE, NAME = "91990104MA9Y00004Q", "星河市云帆恒信餐饮有限公司"
ADDRESS, WHO, SCOPE = "星河市青山区书院巷11号", "李凌欢欢", "许可项目：餐饮服务。一般项目：日用品销售。"


def everything(office: Office) -> bytes:
    """Return all bytes of the database: the files of SQLite with its write-ahead log, every value of PostgreSQL."""
    if office.database.is_sqlite:
        path = Path(office.database.engine.url.database or "")
        return b"".join(file.read_bytes() for file in sorted(path.parent.glob(f"{path.name}*")))
    tables = [name for (name,) in office.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    with office.database.snapshot() as session:
        values = [value for name in tables for row in session.execute(text(f'SELECT * FROM "{name}"')) for value in row]
    return b"\x00".join(bytes(one) if isinstance(one, bytes | memoryview) else str(one).encode() for one in values)


def test_nothing_personal_lies_in_the_database_in_any_encoding(office: Office) -> None:
    office.take_in(file_of([row_of(1), row_of(2), {**row_of(3), "number": f"{number_of(3)[:-1]}Y"}]))
    office.identities.feed(office.caller(), NATURAL_PERSON, [statement_of(1, NOW, name="赵虚新名")])
    said = {
        "creditCode": CODE, "name": NAME, "kind": "ENTERPRISE", "status": "ACTIVE", "legalRepresentative": WHO,
        "address": ADDRESS, "scope": SCOPE,
    }  # fmt: skip
    office.identities.feed(office.caller(MARKET), ORGANISATION, [Statement(said, AS_OF)])
    office.matches((number_of(1), "赵虚新名"))
    content = everything(office)
    assert office.rows("SELECT id FROM register_entry")[0][0].encode() in content
    secrets = {CODE, NAME, ADDRESS, WHO, SCOPE, "赵虚新名", *(number_of(place) for place in (1, 2, 3))}
    secrets |= {f"{number_of(3)[:-1]}Y", name_of(1), name_of(2), name_of(3)}
    assert [secret for secret in sorted(secrets) if any(form in content for form in encodings(secret))] == []


def test_nothing_tells_who_stands_where_without_the_keys(office: Office) -> None:
    office.take_in(file_of(map(row_of, range(3))))
    indexes = office.rows("SELECT kind, scope, value FROM vault_index WHERE kind LIKE 'REGISTER%'")
    assert (
        len({bytes(value) for _, _, value in indexes}) == 9
    )  # code, code with name, code with letters: of three people
    assert {scope for _, scope, _ in indexes} == {NATURAL_PERSON}
