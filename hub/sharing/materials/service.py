"""Materials of a case: which need not be handed in, why, and what to do instead.

Decides by the document that is published for the case's service item now, by what attempts came to, and by one table of ranks. It must never exempt what
was not found valid under a grant. Each evaluation is one record of kind `material`; what was looked at for it has its own records, as every read has.
"""

from asyncio import gather
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from itertools import islice
from typing import Final, NamedTuple

from hub.audit.service import Pending
from hub.catalogue.items.item_document import Alternative, ItemDocument, Material
from hub.catalogue.licence_type import Term
from hub.catalogue.refusals import WorkingDaysUnknownError
from hub.catalogue.service import Catalogue
from hub.errors import NotFoundError
from hub.sharing.disclosure import Disclosed, Funnel
from hub.sharing.forms.said import Sayings
from hub.sharing.materials.attempts import Asked, Attempt, Attempts, Ground
from hub.sharing.materials.promise import History, Promise, State
from hub.sharing.materials.promises import Promises
from hub.sharing.materials.records import judged_entry
from hub.sharing.materials.refusals import MaterialUnknownError
from hub.sharing.materials.results import RANKS, Reason, Result, Why, best, fallback, worst
from hub.sharing.reading import OpenCase, WantedByType, wanted_of
from hub.sharing.records import recorded
from hub.sharing.several import awaited


class Assessed(NamedTuple):
    """What a material of a case comes to.

    `source` is the licence type that exempts it, `disclosed` what left of its licences; `attempts` are those that decided, one for each person in the
    role; `promise` is the last that was made for it, `days` the working days for one made today, `deadline` that of the promise, or of one made today (None:
    no working days of that year are known).
    `disputed`: in this case a value of a licence that exempts it is disputed, and the answer is awaited; it exempts all the same.
    """

    material: Material
    document: ItemDocument
    result: Result
    reason: Reason
    source: str | None
    attempts: Sequence[Attempt]
    promise: Promise | None
    days: int | None
    deadline: date | None
    disclosed: Sequence[Disclosed]
    disputed: bool

    def __repr__(self) -> str:  # type: ignore[explicit-override]  # typing.override begins with Python 3.12
        return f"Assessed(material={self.material.key!r}, result={self.result!r}, reason={self.reason!r})"

    @property
    def fallback(self) -> Term:
        """Return what to do when it comes to that."""
        return _instead(self.document, self.material, self.result, self.days)

    @property
    def counted(self) -> Result:
        """Return as what figures count it: a result of the same case saved nobody a paper, though its licence is there."""
        return Result.DEPENDENCY if self.material.result_of and self.result is Result.EXEMPT else self.result


@dataclass(frozen=True, slots=True)
class Wish:
    """How materials are asked for.

    `conditional` are the keys of the conditional materials that apply (None: all of them); `licences` which licence is meant, by the material's key and
    its identifier; `shown` whether exempting licences are to leave, with the leaf paths of `wanted`.
    """

    conditional: Collection[str] | None = None
    licences: Mapping[str, str] = field(default_factory=dict)
    shown: bool = False
    wanted: WantedByType = None


class _Asking(NamedTuple):
    """What is asked for some materials of a document: of each the alternatives, role by role; all sources with their roles; whether promises may stand in for one."""

    document: ItemDocument
    materials: Sequence[Material]
    roles: Sequence[Sequence[Sequence[Alternative]]]
    asked: Sequence[Asked]
    promises: bool


class _Told(NamedTuple):
    """What all materials of a case are assessed by: the document, what was promised, and of which licences in which editions a value is disputed."""

    document: ItemDocument
    history: History
    awaited: frozenset[tuple[str, int]]


_NOTHING_PROMISED: Final = History()


class Materials:
    """Assesses materials of open cases."""

    def __init__(
        self, attempts: Attempts, funnel: Funnel, catalogue: Catalogue, promises: Promises, sayings: Sayings,
        today: Callable[[], date],
    ) -> None:  # fmt: skip
        """`today` gives the legal day."""
        self._attempts = attempts
        self._funnel = funnel
        self._catalogue = catalogue
        self._promises = promises
        self._sayings = sayings
        self._today = today
        self._whole: dict[str, _Asking] = {}

    async def of_case(
        self, case: OpenCase, wish: Wish, pending: Pending, only: str | None = None
    ) -> tuple[Assessed, ...]:
        """Return what each material of the case's item comes to, or `only` one.

        Raises:
            ItemNotPublishedError: the service item has no document.
            MaterialUnknownError: it asks for no such material.
            DamagedError, PolicyChangedError, UnavailableError: it cannot be told; nothing is exempt.
        """
        with recorded(pending, case.caller, case=case.record, legal_basis=case.legal_basis):
            asking = self._asking(case.item, wish, only)
            document, materials = asking.document, asking.materials
            said = self._sayings.of_case(case.id, pending)
            past = pending.begun(("history", case.id), lambda: self._history(case)) if asking.promises else None
            ground = await self._attempts.ground(case, asking.asked, pending)
            told = _Told(document, await past if past else _NOTHING_PROMISED, (await said).awaited)
            tried = [
                self._decisive(document, roles, ground, wish.licences.get(one.key), pending)
                for one, roles in zip(materials, asking.roles, strict=True)
            ]
            left = await self._left(tried, wish, pending)
            found = tuple(map(partial(self._assessed, told), materials, tried, left))
        pending.record(judged_entry(case, [(each.material.key, str(each.counted), each.source) for each in found]))
        return found

    def _asking(self, item: str, wish: Wish, only: str | None) -> _Asking:
        """Return what is asked for; of all materials it is worked out once, for a published document never changes."""
        document = self._catalogue.documents.of(item)
        if wish.conditional is not None or wish.licences or only is not None:
            return _asking(document, [one for one in _asked(document, wish) if only in {None, one.key}], only)
        known = self._whole.get(item)
        if known is None or known.document is not document:
            known = self._whole[item] = _asking(document, document.materials)
        return known

    async def _history(self, case: OpenCase) -> History:
        return History(*await gather(self._promises.promised(case), self._promises.breached(case)))

    def _assessed(
        self, told: _Told, material: Material, attempts: list[Attempt], left: tuple[Disclosed, ...]
    ) -> Assessed:
        worst = attempts[0] if len(attempts) == 1 else max(attempts, key=_rank, default=None)
        promise = told.history.of_material(material.key) if told.history.promises else None
        if worst is not None and worst.result is Result.EXEMPT:  # and nothing is better
            return Assessed(
                material, told.document, Result.EXEMPT, worst.reason, worst.alternative.source, attempts, promise, None,
                promise.deadline if promise else None, left, bool(told.awaited) and _is_disputed(attempts, told.awaited),
            )  # fmt: skip
        result = best([worst.result if worst else Result.PAPER_REQUIRED, *_offers(material, told.history, promise)])
        days = _days(material, result)
        return Assessed(
            material=material, document=told.document, result=result,
            reason=_hindered(material, result, told.history, promise) or (worst.reason if worst else Reason(Why.NO_LICENCE)),
            source=None, attempts=attempts, promise=promise, days=days,
            deadline=promise.deadline if promise else self._deadline(days), disclosed=left, disputed=False,
        )  # fmt: skip

    def _decisive(
        self, document: ItemDocument, roles: Iterable[Sequence[Alternative]], ground: Ground, chosen: str | None, pending: Pending
    ) -> list[Attempt]:  # fmt: skip
        """Return the attempts, one for each person, of the role that does best."""
        tried: list[list[Attempt]] = []
        for some in roles:
            tried.append(self._attempts.of_role(ground, document, some, chosen, pending))
            if _of_everybody(tried[-1]) is Result.EXEMPT:
                return tried[-1]
        return min(tried, key=lambda some: RANKS[_of_everybody(some)], default=[])

    def _deadline(self, days: int | None) -> date | None:
        if days:
            with suppress(WorkingDaysUnknownError):
                return self._catalogue.working_days.add(self._today(), days)
        return None

    async def _left(
        self, tried: Sequence[Sequence[Attempt]], wish: Wish, pending: Pending
    ) -> Sequence[tuple[Disclosed, ...]]:
        """Let the exempting licences leave, as far as they are wanted and granted; of each material in its place."""
        if not wish.shown:
            return [()] * len(tried)
        shown = [attempts if attempts and _of_everybody(attempts) is Result.EXEMPT else () for attempts in tried]
        asked = [(each, wanted_of(wish.wanted, each.alternative.source)) for attempts in shown for each in attempts]
        steps = (self._disclosed(each, wanted, pending) for each, wanted in asked)
        left = iter(await awaited(steps, together=self._show_images(asked)))
        return [tuple([one for one in islice(left, len(attempts)) if one]) for attempts in shown]

    def _show_images(self, asked: Iterable[tuple[Attempt, frozenset[str] | None]]) -> bool:
        """Tell whether images may have to be looked up, which are one look-up then."""
        for one, wanted in asked:
            if stored := one.stored:
                images = self._catalogue.type_at(stored.type_key, stored.type_version).image_paths
                if images and (wanted is None or not images.isdisjoint(wanted)):
                    return True
        return False

    async def _disclosed(self, one: Attempt, wanted: frozenset[str] | None, pending: Pending) -> Disclosed | None:
        if one.basis is None or one.stored is None:
            return None
        try:
            return await self._funnel.disclose(one.basis, [one.stored], wanted, pending)
        except NotFoundError:  # under grants to check only nothing leaves
            return None


def _of_everybody(attempts: Sequence[Attempt]) -> Result:
    return attempts[0].result if len(attempts) == 1 else worst([each.result for each in attempts])


def _is_disputed(attempts: Iterable[Attempt], disputed: frozenset[tuple[str, int]]) -> bool:
    return any(each.held in disputed for each in attempts)


def _rank(one: Attempt) -> int:
    return RANKS[one.result]


def _asking(document: ItemDocument, materials: Sequence[Material], only: str | None = None) -> _Asking:
    if not materials and only is not None:
        raise MaterialUnknownError
    alternatives = [each for one in materials for each in one.satisfied_by]
    return _Asking(
        document, materials, [_by_role(one) for one in materials],
        tuple(dict.fromkeys((each.source, each.of) for each in alternatives)),
        promises=any(one.commitment or one.deferral for one in materials),
    )  # fmt: skip


def _by_role(material: Material) -> Sequence[Sequence[Alternative]]:
    roles = defaultdict[str, list[Alternative]](list)
    for one in material.satisfied_by:
        roles[one.of].append(one)
    return tuple(map(tuple, roles.values()))


def _asked(document: ItemDocument, wish: Wish) -> Iterator[Material]:
    """Yield the materials that apply; raises MaterialUnknownError for a key that the document does not have."""
    known = {one.key: one for one in document.materials}
    if not {*(wish.conditional or ()), *wish.licences} <= known.keys():
        raise MaterialUnknownError
    for one in document.materials:
        if one.condition is None or wish.conditional is None or one.key in wish.conditional:
            yield one


def _offers(material: Material, history: History, promise: Promise | None) -> Iterator[Result]:
    """Yield what else may stand in place of the material; after a breach of its own promise neither another nor a deferral."""
    if material.department_check:
        yield Result.DEPARTMENT_CHECK
    if material.result_of:
        yield Result.DEPENDENCY
    if promise and promise.state is State.BREACHED:
        return
    if material.commitment and not history.breached:
        yield Result.COMMITMENT_ALLOWED
    if material.deferral:
        yield Result.DEFERRABLE


def _hindered(material: Material, result: Result, history: History, promise: Promise | None) -> Reason | None:
    """Return why a promise that the item knows is not offered, where that decides."""
    if RANKS[result] < RANKS[Result.COMMITMENT_ALLOWED]:
        return None
    if promise and promise.state is State.BREACHED:
        return Reason(Why.BREACHED)
    return Reason(Why.EARLIER_BREACH) if material.commitment and history.breached else None


def _days(material: Material, result: Result) -> int | None:
    if result is Result.COMMITMENT_ALLOWED and material.commitment:
        return material.commitment.check_within
    return material.deferral.days if result is Result.DEFERRABLE and material.deferral else None


def _instead(document: ItemDocument, material: Material, result: Result, days: int | None) -> Term:
    names = [one.name for one in document.materials if one.key in material.result_of]
    before = Term("、".join(each.zh for each in names), ", ".join(each.en for each in names))
    check, count = material.department_check, str(days or "")
    return fallback(result, days=Term(count, count), at=check.at if check else Term("", ""), before=before)
