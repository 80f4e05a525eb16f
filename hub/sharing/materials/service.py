"""Materials of a case: which need not be handed in, why, and what to do instead.

Decides by the document that is published for the case's service item now, by what attempts came to, and by one table of ranks. It must never exempt what
was not found valid under a grant. Each evaluation is one record of kind `material`; what was looked at for it has its own records, as every read has.
"""

from asyncio import gather
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date

from hub.audit.service import Pending
from hub.catalogue.items.item_document import Alternative, ItemDocument, Material
from hub.catalogue.licence_type import Term
from hub.catalogue.refusals import WorkingDaysUnknownError
from hub.catalogue.service import Catalogue
from hub.errors import NotFoundError
from hub.sharing.disclosure import Disclosed, Funnel
from hub.sharing.forms.disputes import Disputed, Disputes
from hub.sharing.materials.attempts import Attempt, Attempts, Ground
from hub.sharing.materials.promise import History, Promise, State
from hub.sharing.materials.promises import Promises
from hub.sharing.materials.records import judged_entry
from hub.sharing.materials.refusals import MaterialUnknownError
from hub.sharing.materials.results import RANKS, Reason, Result, Why, best, fallback, reason, worst
from hub.sharing.reading import OpenCase, WantedByType, wanted_of
from hub.sharing.records import recorded


@dataclass(frozen=True, slots=True)
class Assessed:
    """What a material of a case comes to.

    `source` is the licence type that exempts it, `disclosed` what left of its licences; `attempts` are those that decided, one for each person in the
    role; `promise` is the last that was made for it, `deadline` that of the promise, or of one made today (None: no working days of that year are known).
    `disputed`: in this case a value of a licence that exempts it is disputed, and the answer is awaited; it exempts all the same.
    """

    material: Material
    version: int
    result: Result
    reason: Reason
    fallback: Term
    source: str | None
    attempts: tuple[Attempt, ...] = field(repr=False)
    promise: Promise | None
    deadline: date | None
    disclosed: tuple[Disclosed, ...] = field(default=(), repr=False)
    disputed: bool = False

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


class Materials:
    """Assesses materials of open cases."""

    def __init__(
        self, attempts: Attempts, funnel: Funnel, catalogue: Catalogue, promises: Promises, disputes: Disputes,
        today: Callable[[], date],
    ) -> None:  # fmt: skip
        """`today` gives the legal day."""
        self._attempts = attempts
        self._funnel = funnel
        self._catalogue = catalogue
        self._promises = promises
        self._disputes = disputes
        self._today = today

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
            document = self._catalogue.documents.of(case.item)
            materials = [one for one in _asked(document, wish) if only in {None, one.key}]
            if not materials and only is not None:
                raise MaterialUnknownError
            alternatives = [each for one in materials for each in one.satisfied_by]
            ground, history, disputed = await gather(
                self._attempts.ground(case, alternatives, pending),
                self._history(case, materials),
                self._disputes.disputed(case.id),
            )
            assessed = (self._assessed(document, one, ground, history, wish, pending) for one in materials)
            found = [replace(one, disputed=_is_disputed(one, disputed)) for one in assessed]
            shown = await gather(*(self._shown(each, wish, pending) for each in found))
        pending.record(judged_entry(case, [(each.material.key, each.counted.value, each.source) for each in shown]))
        return tuple(shown)

    async def _history(self, case: OpenCase, materials: list[Material]) -> History:
        if not any(one.commitment or one.deferral for one in materials):
            return History()
        promises, breached = await gather(self._promises.promised(case), self._promises.breached(case))
        return History(promises, breached)

    def _assessed(
        self, document: ItemDocument, material: Material, ground: Ground, history: History, wish: Wish, pending: Pending
    ) -> Assessed:  # fmt: skip
        attempts = self._decisive(document, material, ground, wish.licences.get(material.key), pending)
        told = max(attempts, key=_rank, default=None)
        promise = history.of_material(material.key)
        result = best([told.result if told else Result.PAPER_REQUIRED, *_offers(material, history, promise)])
        days = _days(material, result)
        return Assessed(
            material=material, version=document.version, result=result,
            reason=_hindered(material, result, history, promise) or (told.reason if told else reason(Why.NO_LICENCE)),
            fallback=_instead(document, material, result, days),
            source=told.alternative.source if told and result is Result.EXEMPT else None,
            attempts=tuple(attempts), promise=promise, deadline=promise.deadline if promise else self._deadline(days),
        )  # fmt: skip

    def _decisive(
        self, document: ItemDocument, material: Material, ground: Ground, chosen: str | None, pending: Pending
    ) -> list[Attempt]:
        """Return the attempts, one for each person, of the role that does best."""
        roles: dict[str, list[Alternative]] = {}
        for one in material.satisfied_by:
            roles.setdefault(one.of, []).append(one)
        tried: list[list[Attempt]] = []
        for some in roles.values():
            tried.append(self._attempts.of_role(ground, document, some, chosen, pending))
            if _of_everybody(tried[-1]) is Result.EXEMPT:
                return tried[-1]
        return min(tried, key=lambda some: RANKS[_of_everybody(some)], default=[])

    def _deadline(self, days: int | None) -> date | None:
        with suppress(WorkingDaysUnknownError):
            return self._catalogue.working_days.add(self._today(), days) if days else None
        return None

    async def _shown(self, one: Assessed, wish: Wish, pending: Pending) -> Assessed:
        """Let the exempting licences leave, as far as they are wanted and granted."""
        if one.result is not Result.EXEMPT or not wish.shown:
            return one
        left = await gather(*(self._disclosed(each, wish.wanted, pending) for each in one.attempts))
        return replace(one, disclosed=tuple(each for each in left if each))

    async def _disclosed(self, one: Attempt, wanted: WantedByType, pending: Pending) -> Disclosed | None:
        if one.basis is None or one.stored is None:
            return None
        try:
            fields = wanted_of(wanted, one.alternative.source)
            return await self._funnel.disclose(one.basis, [one.stored], fields, pending)
        except NotFoundError:  # under grants to check only nothing leaves
            return None


def _is_disputed(one: Assessed, disputed: Iterable[Disputed]) -> bool:
    """Tell whether the answer is awaited about a value of what exempts a material."""
    awaited = {(each.source, each.version) for each in disputed if each.is_open}
    return one.result is Result.EXEMPT and any(each.held in awaited for each in one.attempts)


def _of_everybody(attempts: Iterable[Attempt]) -> Result:
    return worst(each.result for each in attempts)


def _rank(one: Attempt) -> int:
    return RANKS[one.result]


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
        return reason(Why.BREACHED)
    return reason(Why.EARLIER_BREACH) if material.commitment and history.breached else None


def _days(material: Material, result: Result) -> int | None:
    if result is Result.COMMITMENT_ALLOWED and material.commitment:
        return material.commitment.check_within
    return material.deferral.days if result is Result.DEFERRABLE and material.deferral else None


def _instead(document: ItemDocument, material: Material, result: Result, days: int | None) -> Term:
    names = [one.name for one in document.materials if one.key in material.result_of]
    before = Term("、".join(each.zh for each in names), ", ".join(each.en for each in names))
    check, count = material.department_check, str(days or "")
    return fallback(result, days=Term(count, count), at=check.at if check else Term("", ""), before=before)
