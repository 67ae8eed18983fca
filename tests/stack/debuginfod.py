#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""debuginfod.py - names that a stripped binary lacks come from a debuginfod server (root).

Usage: debuginfod.py NOWAKE PLANT. Strips a copy of PLANT (a build of tests/stuck/mutex_cycle2.c
with debug information), serves what was stripped on loopback, and looks at the stuck copy: without
--debuginfod there is no name and no question to the server, with it the function is named; a server
that never answers costs no more than the time that was allowed."""
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

WANTED = "a_then_b"
PATIENCE = 20
passed = failed = 0


def check(what, good):
    global passed, failed
    passed += bool(good)
    failed += not good
    print(("ok " if good else "not ok ") + what)


class Handler(BaseHTTPRequestHandler):
    files = {}  # path: name of a file
    asked = []
    hang = threading.Event()

    def do_GET(self):
        self.asked.append(self.path)
        if self.server.hangs:
            self.hang.wait(60)
        name = self.files.get(self.path)
        if not name:
            self.send_error(404)
            return
        with open(name, "rb") as file:
            data = file.read()
        self.send_response(200)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        try:
            self.wfile.write(data)
        except BrokenPipeError:
            pass  # who asked has given up

    def log_message(self, *args):
        pass


def serve(hangs):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.hangs = hangs
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def build_id(path):
    text = subprocess.run(["readelf", "-n", path], capture_output=True, text=True, check=True).stdout
    return re.search(r"Build ID: ([0-9a-f]+)", text).group(1)


def report(nowake, pid, server, cache, *more):
    env = dict(os.environ, DEBUGINFOD_URLS=f"http://127.0.0.1:{server.server_address[1]}",
               DEBUGINFOD_CACHE_PATH=cache)
    began = time.monotonic()
    out = subprocess.run([nowake, "report", "--json", "--threshold", "1s", "-p", str(pid), *more],
                         capture_output=True, text=True, env=env, timeout=60, check=True).stdout
    report.seconds = time.monotonic() - began
    data = json.loads(out)
    names = [f["function"] for finding in data["findings"] for t in finding["threads"]
             for f in t["stack"]]
    return names, data


def run(nowake, plant, tmp):
    binary = os.path.join(tmp, "stripped")
    debug = os.path.join(tmp, "binary.debug")
    subprocess.run(["objcopy", "--only-keep-debug", plant, debug], check=True)
    subprocess.run(["strip", "--strip-all", "-o", binary, plant], check=True)
    Handler.files[f"/buildid/{build_id(plant)}/debuginfo"] = debug
    child = subprocess.Popen([binary], stdout=subprocess.PIPE, start_new_session=True)
    try:
        check("the plant is stuck", child.stdout.readline() == b"ready\n")
        server = serve(hangs=False)
        cache = os.path.join(tmp, "cache")
        names, over = [], time.monotonic() + PATIENCE
        while not names and time.monotonic() < over:
            names, _ = report(nowake, child.pid, server, cache)
        check("unasked, no name and no question", names and WANTED not in names and not Handler.asked)
        names, _ = report(nowake, child.pid, server, cache, "--debuginfod")
        check("asked, the server names the function", WANTED in names)
        server.shutdown()
        slow = serve(hangs=True)
        names, data = report(nowake, child.pid, slow, os.path.join(tmp, "other"), "--debuginfod=2s")
        check("a server that hangs costs the time that was allowed", 1.5 < report.seconds < 10)
        check("and that is said", any("debuginfod" in text for text in data["scan"]["blind"]))
        check("and the finding is there, with addresses", names and WANTED not in names)
        Handler.hang.set()
        slow.shutdown()
    finally:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


with tempfile.TemporaryDirectory() as directory:
    run(sys.argv[1], sys.argv[2], directory)
print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
