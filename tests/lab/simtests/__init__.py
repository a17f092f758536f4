"""The tests of the simulator, by subject. They are run by test_cmon_sim.py.

    common      what several of them know           cluster    three running processes
    replies     the recorded replies, key for key   elections  on a network in memory
    rpc, ui     the ports, when all is well         faults     when it is not
    life        elections between processes, restarts, the control socket
"""
