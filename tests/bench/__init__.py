"""`make bench`: how fast it is, as ratios taken in one run, printed as tables for the README.

BENCH_LEADS says how many leads (a million), BENCH_INSTANCE where they are kept for the next run (else they go again).
Everything is measured on this machine over loopback, with a bounded number of clients for a bounded time.
"""
