# SPDX-License-Identifier: GPL-2.0-only
"""rabbitmq.py - sends messages through a queue and reads them back: rabbitmq.py PORT COUNT"""
import sys

import pika


def main(port, count):
    """Exits with an exception unless every message comes back."""
    where = pika.ConnectionParameters("127.0.0.1", port, socket_timeout=5,
                                      blocked_connection_timeout=10)
    connection = pika.BlockingConnection(where)
    channel = connection.channel()
    queue = channel.queue_declare("", exclusive=True).method.queue
    for number in range(count):
        channel.basic_publish("", queue, str(number).encode())
    for number in range(count):
        body = None
        while body is None:
            body = channel.basic_get(queue, auto_ack=True)[2]
        assert body == str(number).encode()
    connection.close()


main(int(sys.argv[1]), int(sys.argv[2]))
