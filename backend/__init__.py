"""Visavis: a real-time conversational avatar. Read `docs/architecture.md` for the way through the house."""

import os

# numpy's OpenBLAS starts a thread for each core, and they spin while they wait. For products as small as ours (a
# resampled chunk, a row of features) that took two to fifteen times the CPU time of the voice itself, on two cores. It
# is read when numpy is first imported; whoever sets it themselves is obeyed.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
