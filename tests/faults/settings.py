"""What the processes of a fault test run with: the real settings, with less patience."""

from alignment_site.settings import *  # noqa: F403, TID251
from alignment_site.settings import CELERY_BEAT_SCHEDULE, TRAINING  # noqa: TID251

TRAINING = TRAINING | {"poll_seconds": 0.1, "beat_seconds": 0.5, "run_silent_seconds": 4.0, "disk_floor_bytes": 0}
CELERY_BEAT_SCHEDULE = {"ring": CELERY_BEAT_SCHEDULE["ring"] | {"schedule": 0.5}}
