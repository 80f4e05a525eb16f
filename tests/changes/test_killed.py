"""A process is killed between sending a delivery and noting it: the receiver hears of the change again, under the same id, and of no change never."""

import asyncio
import signal
import sys

from tests.changes import killed_deliverer
from tests.changes.bureau import Bureau, posting
from tests.changes.receiver import receiving
from tests.licences.drafts import company_draft


def test_what_was_sent_and_not_noted_is_sent_again_under_the_same_id(bureau: Bureau) -> None:
    async def scenario() -> None:
        bureau.grant()
        async with receiving() as receiver, posting(bureau) as post:
            await post.add(receiver.url)
            first, second = bureau.issue(company_draft(1), company_draft(2))
            settings = bureau.hub.settings
            process = await asyncio.create_subprocess_exec(
                sys.executable, killed_deliverer.__file__, str(settings.data), settings.database_url
            )
            assert await process.wait() == -signal.SIGKILL
            assert [each.event["subject"] for each in receiver.heard] == [first]
            assert await post.round() == 0  # the dead process still holds the lease
            assert await post.later(seconds=90) == 1
        assert [each.event["subject"] for each in receiver.heard] == [first, first, second]
        assert receiver.heard[0].id == receiver.heard[1].id != receiver.heard[2].id
        assert len(bureau.told()) == 3  # each time it left it was on record before

    bureau.run(scenario())
