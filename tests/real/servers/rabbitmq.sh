# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# rabbitmq.sh - RabbitMQ: Erlang's schedulers, its child for ports, and the port mapper daemon
# shellcheck disable=SC2034,SC2154

needs=(/usr/lib/rabbitmq/bin/rabbitmq-server erl "$modules/pika")
user=rabbitmq

# Node, distribution and port mapper each have a port of their own on loopback.
start() {
	as_user install -d mnesia log
	as_user touch plugins conf
	become ERL_EPMD_PORT="$port3" ERL_EPMD_ADDRESS=127.0.0.1 \
		RABBITMQ_NODENAME=nowake@localhost RABBITMQ_NODE_IP_ADDRESS=127.0.0.1 \
		RABBITMQ_NODE_PORT="$port" RABBITMQ_DIST_PORT="$port2" \
		RABBITMQ_MNESIA_BASE="$dir/mnesia" RABBITMQ_LOG_BASE="$dir/log" RABBITMQ_LOGS=- \
		RABBITMQ_ENABLED_PLUGINS_FILE="$dir/plugins" RABBITMQ_CONFIG_FILE="$dir/conf" \
		RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-kernel inet_dist_use_interface {127,0,0,1}' \
		/usr/lib/rabbitmq/bin/rabbitmq-server
}

# A message through a queue and back.
ready() {
	"$python" "$here/servers/rabbitmq.py" "$port" 1
}

# Many of them.
load() {
	"$python" "$here/servers/rabbitmq.py" "$port" 500
}
