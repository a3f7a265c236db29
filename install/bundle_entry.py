"""Where the bundle begins: the program, a process of its own making, or one of its modules."""

import multiprocessing
import runpy
import sys

from main import main

if __name__ == "__main__":
    multiprocessing.freeze_support()  # an engine or a worker ends here
    if sys.argv[1:2] == ["-m"]:  # realtime.children
        sys.argv = sys.argv[2:]
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
        sys.exit()
    sys.exit(main())
