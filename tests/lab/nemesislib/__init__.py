"""Breaks the product at random and checks all that was seen meanwhile. `nemesis --help`.

    schedule    what is broken when: a pure function of the seed
    actions     how each kind is made and undone; faults: the same as faults of the history
    netns, lab  the lab as seen from this process
    client       the clients
    watch       what the nodes report: VIP, election, processes, journal
    history     all that happened, by one clock; and as text
    truth       who led, who was cut off, who had the VIP: derived from the history
    excuses     what may be otherwise for a while: every excuse with its reason, and how much of it a run may need
    invariants  what must hold
    run         rounds, and the closing report

One process, one event loop; it never sleeps but waits until a moment of the schedule. All times are CLOCK_MONOTONIC
in ms, which the nodes share.
"""
