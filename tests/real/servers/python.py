# SPDX-License-Identifier: GPL-2.0-only
"""python.py - a web server that answers through an executor, a queue and a pool of processes

All that a Python service keeps idle: ThreadPoolExecutor's workers, a thread in queue.get(),
multiprocessing's workers (one reads the shared pipe, the others queue for its semaphore), threads
that wait on loopback for work from PostgreSQL (LISTEN) and Redis (BLPOP), which may never come,
and a main thread in Event.wait().

    python.py PORT POSTGRESQL_PORT REDIS_PORT
"""
import concurrent.futures
import http.server
import multiprocessing
import queue
import select
import socket
import sys
import threading
import time

import psycopg2


def square(number):
    """Runs in a process of the pool."""
    return number * number


def consume(jobs):
    """Hands each job to the processes, and its result to whoever asked."""
    while True:
        number, answer = jobs.get()
        answer.set_result(processes.apply(square, (number,)))


def patiently(connect):
    """Connects as soon as that server is there; gives up after a minute."""
    for _ in range(120):
        try:
            return connect()
        except (OSError, psycopg2.OperationalError):
            time.sleep(0.5)
    return None


def listen(port):
    """Waits for a notification for ever: blocked in select() while its backend waits for it."""
    where = {"host": "127.0.0.1", "port": port, "user": "postgres", "dbname": "postgres"}
    link = patiently(lambda: psycopg2.connect(**where))
    if link:
        link.autocommit = True
        link.cursor().execute("LISTEN nowake")
        select.select([link], [], [])


def pop(port):
    """Waits for an element of a list for ever: blocked in recv(), with a peer on this host."""
    link = patiently(lambda: socket.create_connection(("127.0.0.1", port)))
    if link:
        link.sendall(b"BLPOP nowake 0\r\n")
        link.recv(100)


class Handler(http.server.BaseHTTPRequestHandler):
    """Each request passes the executor, then the queue, then a process."""

    def do_GET(self):
        """Answers with the square of nine."""
        answer = concurrent.futures.Future()
        executor.submit(work.put, (9, answer))
        body = f"python-{answer.result()}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        """No access log."""


class Server(http.server.ThreadingHTTPServer):
    """A backlog that a burst of connections does not overflow."""

    request_queue_size = 64


processes = multiprocessing.get_context("fork").Pool(3)
executor = concurrent.futures.ThreadPoolExecutor(8)
work = queue.Queue()
list(executor.map(square, range(64)))
threading.Thread(target=consume, args=(work,), daemon=True).start()
server = Server(("127.0.0.1", int(sys.argv[1])), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
threading.Thread(target=listen, args=(int(sys.argv[2]),), daemon=True).start()
threading.Thread(target=pop, args=(int(sys.argv[3]),), daemon=True).start()
threading.Event().wait()
