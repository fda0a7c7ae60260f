"""kombu's filesystem transport, with messages and tables that appear whole or not at all.

kombu opens a file under its final name and writes it a moment later. A worker that looks in between reads nothing,
fails to decode it and ends. Here every file is written under a name nobody looks for and then renamed.
"""

import os
import uuid
from pathlib import Path
from queue import Empty
from time import monotonic

from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.encoding import str_to_bytes
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    def _put(self, queue, payload, **_options):
        folder = Path(self.data_folder_out)
        name = f"{round(monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg"
        unseen = folder / f"{name}.tmp"
        try:
            unseen.write_bytes(str_to_bytes(dumps(payload)))
            unseen.rename(folder / name)
        except OSError as error:
            raise ChannelError(f"A message for {queue} could not be written into {folder}: {error}") from error

    def _get(self, queue):
        try:
            return super()._get(queue)
        except FileNotFoundError as error:  # the folder is being replaced; what it held is rung for again
            raise Empty from error

    def _queue_bind(self, exchange, routing_key, pattern, queue):
        table = self._exchange_file(exchange)
        if not table.exists():
            unseen = table.with_name(f"{table.name}.{uuid.uuid4()}.tmp")
            unseen.write_bytes(b"[]")
            try:
                os.link(unseen, table)  # unlike a rename it leaves a table alone that somebody else just made
            except FileExistsError:
                pass
            finally:
                unseen.unlink()
        super()._queue_bind(exchange, routing_key, pattern, queue)


class Transport(filesystem.Transport):
    Channel = Channel
