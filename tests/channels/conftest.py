"""What the tests of the channels share: python-telegram-bot told how to say durations before it is imported."""

import os

import pytest

os.environ.setdefault("PTB_TIMEDELTA", "true")  # else its RetryAfter warns while it is made (platform.md C2)

pytest.register_assert_rewrite("tests.channels.replaying", "tests.channels.telegram.line")
