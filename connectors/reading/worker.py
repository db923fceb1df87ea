"""The reading process: `python -m connectors.reading.worker`, spoken to by connectors.reading.rows_of.

Reads its job from standard input, describes the file, waits for the start, then writes chunks until the end. It ends
when its parent has gone, because then nobody reads what it writes.
"""

import gc
import sys
from pathlib import Path
from typing import BinaryIO

import msgspec

from connectors.reading.frames import Chunk, Described, End, Failure, Job, Start, write_frame
from connectors.reading.reader import open_reading
from domain.errors import BadInput


def main() -> None:
    """Serve one job."""
    gc.set_threshold(100_000, 50, 50)  # rows are no cycles
    stdin, stdout = sys.stdin.buffer, sys.stdout.buffer
    try:
        _serve(stdin, stdout)
    except BadInput as error:
        write_frame(stdout, Failure(str(error), error.field))
    except BrokenPipeError:
        pass
    except Exception as error:  # a fault of ours or a broken file: the parent tells it in one line
        write_frame(stdout, Failure(f"文件读取失败（{type(error).__name__}）；请另存为 CSV（UTF-8）后再导入。"))


def _serve(stdin: BinaryIO, stdout: BinaryIO) -> None:
    job = msgspec.json.decode(stdin.readline(), type=Job)
    reading = open_reading(Path(job.path), job.source, job.override, job.sheet)
    write_frame(stdout, Described(reading.description))
    line = stdin.readline()
    if not line:
        return
    start = msgspec.json.decode(line, type=Start)
    for rows in reading.chunks(start.today, after=start.after, waiting=start.waiting, anchors=start.anchors):
        write_frame(stdout, Chunk(rows, reading.done))
    write_frame(stdout, End(reading.skipped))


if __name__ == "__main__":
    main()
