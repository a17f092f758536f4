"""A simulation of one CMON controller and its web UI, for the lab.

Everything it says on the wire follows shared facts about the public client and proxy;
where a fact is open, a command or an option lets a test choose.

    settings   the command line                  election  terms, votes, heartbeats (UDP)
    events     the measured event log            accounts  users, sessions, signatures
    http       requests in, answers out          controller  what it says: dicts in and out
    sockets    listeners, TLS certificate        faults    what can be made to go wrong
    rpc        the controller's ports            ui        the web UI's ports
    control    the unix socket                   node      puts it all together
"""
