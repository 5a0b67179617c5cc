# SPDX-License-Identifier: MIT
"""lockdag run -- python3 -m pytest"""
import ctypes
import os
import threading
import time

library = ctypes.CDLL(os.environ.get("LIBLOCKS", "./liblocks.so"))


def test_deposit_and_audit():
    def late():
        time.sleep(0.1)
        library.audit()

    threads = [threading.Thread(target=library.deposit), threading.Thread(target=late)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
