"""Failure profiles by name: what goes wrong at the provider, and how often."""

from __future__ import annotations

from collections.abc import Mapping

from dispatcher.sandbox.failures import Failures

PROFILES: Mapping[str, Failures] = {
    "none": Failures(),
    # What an office with lists of some years sees: a little of everything, so that the books show it.
    "calm": Failures(
        sms={
            "no-receipt": 0.02,
            "late-receipt": 0.01,
            "unreachable": 0.012,
            "unknown-handset": 0.006,
            "landline": 0.004,
            "invalid": 0.002,
            "filtered": 0.001,
            "busy": 0.001,
            "unavailable": 0.0005,
            "drop-after": 0.0005,
        },
        mail={"greylist": 0.02, "refuse-5.1.1": 0.01, "refuse-5.2.2": 0.003, "data-4.4.5": 0.003},
        callbacks={"doubled": 0.01, "shuffled": 0.01, "lost": 0.005},
    ),
    # A bad month: much is slow, lost, doubled or refused for a while.
    "bad": Failures(
        sms={
            "no-receipt": 0.06,
            "late-receipt": 0.05,
            "unreachable": 0.04,
            "unknown-handset": 0.02,
            "landline": 0.01,
            "invalid": 0.005,
            "opted-out": 0.003,
            "queue-full": 0.005,
            "filtered": 0.005,
            "busy": 0.01,
            "error-before": 0.004,
            "error-after": 0.004,
            "unavailable": 0.004,
            "drop-before": 0.003,
            "drop-after": 0.003,
        },
        mail={
            "greylist": 0.1,
            "refuse-5.1.1": 0.02,
            "refuse-5.2.2": 0.01,
            "refuse-4.3.2": 0.005,
            "data-4.4.5": 0.01,
            "drop-before": 0.005,
            "drop-after": 0.005,
        },
        callbacks={"doubled": 0.05, "shuffled": 0.05, "early": 0.02, "lost": 0.03, "contradicted": 0.002},
    ),
}
