"""The one funnel: what of a licence leaves the hub, on which basis; the only opener of faces and maker of `Disclosed`.

Decides field by field: wanted, let out by the basis, shareable, and in the part of a person whom the basis reaches. It
must never open a part out of reach, hand out stored bytes that do not verify, or disclose without promising the record.
RFC 9901 presentations: what is left out stays a digest under the seal.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from hashlib import sha256
from hmac import compare_digest
from itertools import product
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from hub.audit.service import Entry, Pending
from hub.catalogue.licence_type import LicenceType
from hub.catalogue.requirements import Judgement, Requirement, judge
from hub.catalogue.service import Catalogue
from hub.errors import DamagedError, InputInvalidError, NotFoundError, NotGrantedError, PolicyChangedError
from hub.licences.finding import Finder, Known, StoredLicence, StoredPart
from hub.licences.parts import COMMON, row_name, sealed_digest
from hub.licences.status import Status, effective_status
from hub.sharing.again import Again
from hub.sharing.basis import Basis, JudgingBasis, PartsOf, Reach, unshared_by
from hub.sharing.facts import EVIDENCE_OF
from hub.sharing.opened import NOTHING_OPENED, Opened, chosen_of, unpacked
from hub.sharing.policy import InForce
from hub.sharing.records import PARTIES, disclosure_entry, judgement_entry
from hub.sharing.relations import Claim
from hub.sharing.withholding import Portion, Reason, Withheld, is_alone, portion, reason_of, withheld_of_several
from hub.vault.purposes import FACE
from hub.vault.service import Vault
from keys import base64url
from keys.sd_jwt import present

NO = Judgement.NO
NO_ANSWERS: Final[Mapping[str, Judgement]] = MappingProxyType({})
MOST_READS = 1000  # of one request: its records are one commit, its answer one document
_MOST_PORTIONS: Final = 1024


class Disclosed(NamedTuple):
    """What left: plain values and the presentation that proves them, both of the same disclosures.

    `status` is the one effective today, `disclosed` and `withheld` stand in the type's order, `subjects` are handles of
    the persons disclosed, `entry` is the access record and its id the record id. Only the funnel makes one, or copies one.
    """

    basis: Basis
    stored: StoredLicence
    status: str
    values: Mapping[str, Any]
    disclosed: tuple[str, ...]
    withheld: tuple[Withheld, ...]
    presentation: str
    presentation_digest: str
    entry: Entry
    subjects: tuple[str, ...]

    def __repr__(self) -> str:  # type: ignore[explicit-override]  # typing.override begins with Python 3.12
        return f"Disclosed(stored={self.stored!r}, disclosed={self.disclosed!r}, entry={self.entry.id!r})"


class Judged(NamedTuple):
    """What requirements came to of one licence: answers by name, and those whose field no grant lets anybody judge (their answer is UNKNOWN)."""

    status: str
    answers: Mapping[str, Judgement]
    not_granted: frozenset[str]


class Funnel:
    """Discloses licences. It carries no rights of its own: they come with the basis, and are looked at anew each time."""

    def __init__(
        self,
        vault: Vault,
        finder: Finder,
        catalogue: Catalogue,
        in_force: InForce,
        today: Callable[[], date],
    ) -> None:
        """`in_force` holds the policy of the moment, `today` gives the legal day."""
        self._vault = vault
        self._finder = finder
        self._catalogue = catalogue
        self._in_force = in_force
        self._today = today
        self._portions: dict[tuple[Any, ...], Portion] = {}
        self._portions_of = in_force.policy  # they go with it, though they follow from what they are asked with alone

    def today(self) -> date:
        """Return the legal day."""
        return self._today()

    def status(self, stored: StoredLicence) -> str:
        """Return the status effective today."""
        return effective_status(stored.status, stored.valid_from, stored.valid_until, self._today())

    def unshared(self, basis: Basis, stored: StoredLicence) -> frozenset[str]:
        """Return the paths that never leave on a basis, as the type says in the licence's own version and in the newest."""
        return self._unshared(self._type_of(stored)) if basis.shares else frozenset()

    def _unshared(self, licence_type: LicenceType) -> frozenset[str]:
        return unshared_by(licence_type) | unshared_by(self._catalogue.current.types[licence_type.key][-1])

    def _type_of(self, stored: StoredLicence) -> LicenceType:
        return self._catalogue.type_at(stored.type_key, stored.type_version)

    def require_policy(self, pending: Pending) -> None:
        """Refuse to answer under another policy than the one the request began under, or without measure.

        Raises:
            InputInvalidError: the request has read MOST_READS licences.
            PolicyChangedError: make the answer again; `pending` is marked stale.
        """
        if self._in_force.policy.epoch != pending.epoch:
            pending.stale = True
            raise PolicyChangedError
        if len(pending.entries) >= MOST_READS:
            raise InputInvalidError(f"One request reads {MOST_READS} licences at most; send several.")

    async def disclose(
        self, basis: Basis, candidates: Iterable[StoredLicence], wanted: frozenset[str] | None, pending: Pending
    ) -> Disclosed:
        """Disclose what is wanted (leaf paths; None: all of them) of the first licence that the basis reaches.

        It leaves as far as the basis goes, and its record is promised.

        Raises:
            NotFoundError: the basis reaches none of them, or its data was erased.
            DamagedError: stored bytes do not verify.
            PolicyChangedError: the policy is no longer the one the request began under.
        """
        self.require_policy(pending)
        day = self._today()
        parts_of = partial(self._finder.parts_of, known=pending.known)
        stored, licence_type, reach = self._reached(basis, candidates, day, parts_of)
        alone = is_alone(stored, reach)
        letting = reach if alone else _with_common(reach)
        whole = self._portion(licence_type, letting[COMMON], wanted, shares=basis.shares)
        allowed, withheld = {COMMON: whole.let}, whole.withheld
        for part, paths in letting.items():
            if part != COMMON:
                allowed[part] = self._portion(licence_type, paths, wanted, shares=basis.shares).let
        if basis.outlasts_erasure and any(row.wrapped is None for row in stored.parts if row.part == COMMON):
            allowed, offered = {}, dict[int, Opened]()
            withheld = tuple(Withheld(path, Reason.ERASED) for path in whole.asked)
        else:
            images = await self._finder.images(stored.id) if whole.pictures else ()
            offered = self._open(stored, allowed, images, pending.known)
            if not alone:
                lists = {str(path[0]) for opened in offered.values() for path in opened.paths if len(path) == 1}
                withheld = withheld_of_several(licence_type, whole.asked, whole.unshared, reach, stored, lists)
        disclosed = self._make(basis, stored, whole.asked, allowed, offered, withheld, day)
        pending.record(disclosed.entry)
        return disclosed

    def _portion(
        self, licence_type: LicenceType, paths: frozenset[str], wanted: frozenset[str] | None, *, shares: bool
    ) -> Portion:
        """Return what of a part leaves, kept for whoever asks the same; versions of a type stand for what they say, which never changes."""
        if self._portions_of is not self._in_force.policy:
            self._portions, self._portions_of = {}, self._in_force.policy
        newest = self._catalogue.current.types[licence_type.key][-1].version
        asked = (licence_type.key, licence_type.version, newest, shares, paths, wanted)
        found = self._portions.get(asked)
        if found is None:
            if len(self._portions) >= _MOST_PORTIONS:
                self._portions.clear()
            unshared = self._unshared(licence_type) if shares else frozenset[str]()
            found = self._portions[asked] = portion(licence_type, unshared, paths, wanted)
        return found

    async def again(self, basis: Again, stored: StoredLicence, sealings: Iterable[str], pending: Pending) -> Disclosed:
        """Let leave once more, byte for byte, what left before; `sealings` are those that later ones took the place of.

        It is compared with the digest that was recorded then, so nothing else can leave. That it leaves again is promised as a record.

        Raises:
            NotFoundError: the data was erased.
            NotGrantedError: by now its type forbids to share what was disclosed.
            DamagedError: stored bytes do not verify, or nothing that is stored has that digest.
            PolicyChangedError: the policy is no longer the one the request began under.
        """
        self.require_policy(pending)
        licence_type = self._type_of(stored)
        allowed = _with_common(basis.reach(stored, licence_type.leaf_paths, self._finder.parts_of, self._today()))
        if self.unshared(basis, stored) & frozenset().union(*allowed.values()):
            raise NotGrantedError
        pictures = not licence_type.image_paths.isdisjoint(basis.disclosed)
        images = await self._finder.images(stored.id) if pictures else ()
        offered = self._open(stored, allowed, images, pending.known)
        bound = stored.bound or sealed_digest(stored.sealed)
        withheld = tuple(Withheld(path, Reason(why)) for path, why in basis.facts["withheld"])
        for sealed, reach in product((stored.sealed, *sealings), basis.reaches(stored, self._finder.parts_of)):
            one, reached = stored._replace(sealed=sealed, bound=bound), _with_common(reach)
            parts = {part: offered[part] for part in reached}
            made = self._make(basis, one, licence_type.leaf_paths, reached, parts, withheld, self._today())
            if compare_digest(made.presentation_digest, basis.digest):
                facts = {
                    name: fact for name, fact in made.entry.facts.items() if name != PARTIES
                }  # that record says it
                entry = replace(made.entry, facts={**facts, EVIDENCE_OF: basis.record})
                pending.record(entry)
                return made._replace(entry=entry)
        raise DamagedError

    def judge(
        self, basis: JudgingBasis, stored: StoredLicence, requirements: Sequence[Requirement], pending: Pending
    ) -> Judged:
        """Judge requirements of a licence that the basis reaches; nothing of it is disclosed but the answers and its status, on record.

        Of persons whom the basis does not reach nothing is looked at. A licence that is not valid today meets nothing.

        Raises:
            NotFoundError: the basis does not reach it, or its data was erased.
            DamagedError: stored bytes do not verify.
            PolicyChangedError: the policy is no longer the one the request began under.
        """
        self.require_policy(pending)
        day, parts_of = self._today(), partial(self._finder.parts_of, known=pending.known)
        reach = basis.judges(stored, parts_of, day)
        if not reach or any([row.wrapped is None for row in stored.parts if row.part in reach]):  # noqa: C419 - of one or two a list is quicker
            raise NotFoundError
        noted, letting = basis.noted_of_judgement(stored, parts_of), _with_common(reach)
        status = effective_status(stored.status, stored.valid_from, stored.valid_until, day)
        subjects = _subjects(stored, letting)
        if not requirements:  # that it is there is all that is asked
            pending.record(judgement_entry(basis, stored, (), (), subjects, noted))
            return Judged(status, NO_ANSWERS, frozenset())
        unshared, asked = self.unshared(basis, stored), frozenset([one.path for one in requirements])
        allowed = {part: (paths & asked) - unshared for part, paths in letting.items()}
        judged = frozenset[str]().union(*allowed.values())
        refused = {one.name: reason_of(one.path, unshared, judged) for one in requirements}
        answers = (
            self._answers(stored, requirements, allowed, pending)
            if status == Status.VALID
            else dict.fromkeys(refused, NO)
        )
        withheld = ((one.path, reason.value) for one in requirements if (reason := refused[one.name]))
        pending.record(judgement_entry(basis, stored, refused, withheld, subjects, noted))
        return Judged(status, answers, frozenset(name for name, reason in refused.items() if reason))

    def _answers(
        self, stored: StoredLicence, requirements: Sequence[Requirement], allowed: Reach, pending: Pending
    ) -> Mapping[str, Judgement]:
        face = chosen_of(self._open(stored, allowed, (), pending.known), allowed).values
        return {one.name: judge(one, face, self._today()) for one in requirements}

    def confirms(self, asked: Sequence[tuple[StoredLicence, frozenset[str]]], claim: Claim) -> bool:
        """Tell whether a claim holds of what some licences say at some paths; nothing of it is disclosed, and pictures stay closed.

        Whoever asks has a reason of the hub's own (a relation is proved), and records that he asked. Of erased data nothing holds.
        Raises DamagedError when stored bytes do not verify.
        """
        try:
            return claim([self._seen(stored, paths) for stored, paths in asked])
        except NotFoundError:
            return False

    def _seen(self, stored: StoredLicence, paths: frozenset[str]) -> Mapping[str, Any]:
        allowed = {row.part: paths for row in stored.parts}
        return chosen_of(self._open(stored, allowed, (), {}), allowed).values

    def _reached(
        self, basis: Basis, candidates: Iterable[StoredLicence], day: date, parts_of: PartsOf
    ) -> tuple[StoredLicence, LicenceType, Reach]:
        for stored in candidates:
            licence_type = self._catalogue.type_at(stored.type_key, stored.type_version)
            if reach := basis.reach(stored, licence_type.leaf_paths, parts_of, day):
                return stored, licence_type, reach
        raise NotFoundError

    def _open(
        self, stored: StoredLicence, allowed: Reach, images: Iterable[StoredPart], known: Known
    ) -> dict[int, Opened]:
        """Open the rows of reached persons, and of images only what is asked and allowed.

        Those that the same request has opened are `known`: their bytes are the same, and what they belong to.
        """
        digest = stored.bound or sealed_digest(stored.sealed)
        offered = dict.fromkeys(allowed, NOTHING_OPENED)
        for row in (*stored.parts, *images):
            if row.part not in allowed or (row.path and not _image_allowed(row, allowed)):
                continue
            before, opened = offered[row.part], self._opened(stored.id, digest, row, known)
            offered[row.part] = opened if before is NOTHING_OPENED else before.joined(opened)
        return offered

    def _opened(self, licence_id: str, digest: str, row: StoredPart, known: Known) -> Opened:
        """Open a row, unless it is `known`; pictures are too large to be kept as long as a request."""
        place = ("opened", licence_id, digest, row.part)
        opened: Opened
        if not row.path and place in known:
            same, opened = known[place]
            if same == row:
                return opened
        key = (row.key_id, row.edition, row.wrapped)
        try:
            plaintext = self._vault.open_wrapped(FACE, key, row_name(licence_id, row.part, row.path), row.data)
        except NotFoundError:  # erased: it says the same as of a licence that never was
            raise NotFoundError from None
        opened = unpacked(plaintext, digest)
        if not row.path:
            known[place] = (row, opened)
        return opened

    def _make(
        self, basis: Basis, stored: StoredLicence, order: Sequence[str], allowed: Reach, offered: Mapping[int, Opened],
        withheld: tuple[Withheld, ...], day: date,
    ) -> Disclosed:  # fmt: skip
        chosen = chosen_of(offered, allowed)
        presentation = present(stored.sealed, chosen.encoded)
        digest = base64url.encode(sha256(presentation.encode()).digest())
        disclosed = tuple(filter(chosen.names.__contains__, order))
        subjects = _subjects(stored, allowed)
        noted = basis.noted(stored, self._finder.parts_of)
        entry = disclosure_entry(basis, stored, disclosed, withheld, digest, subjects, noted)
        status = effective_status(stored.status, stored.valid_from, stored.valid_until, day)
        return Disclosed(
            basis, stored, status, chosen.values, disclosed, withheld, presentation, digest, entry, subjects
        )


def _with_common(reach: Reach) -> Reach:
    """Whoever reaches one holder reaches what is common to all, under the same grants."""
    if len(reach) == 1 and COMMON in reach:
        return reach
    everything = frozenset[str]().union(*reach.values())
    return {COMMON: everything, **{part: paths for part, paths in reach.items() if part != COMMON}}


def _image_allowed(row: StoredPart, allowed: Reach) -> bool:
    names = ".".join(step for step in row.path.split(".") if not step.isdigit())
    return names in allowed.get(row.part, ())


def _subjects(stored: StoredLicence, allowed: Reach) -> tuple[str, ...]:
    """Return the handles of the persons whose parts were opened; the common part of several holders is nobody's."""
    persons, handles = dict(stored.holders), set()
    for row in stored.parts:
        if row.part in persons and row.part in allowed:
            handles.add(row.handle)
    return tuple(sorted(handles))
