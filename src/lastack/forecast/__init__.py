"""What a load will do to ports, queues, buckets and tables: arithmetic where it is exact, simulation where not.

No I/O; chance is an argument. ``flow`` says what is wanted, ``limits`` what there is; ``steady`` answers in closed
form for a load that goes on as it is, ``simulate`` step by step for one that does not.
"""
