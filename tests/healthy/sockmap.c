/* expect: none socket */
// SPDX-License-Identifier: GPL-2.0-only
/* sockmap.c - two read from each other, through sockets that a BPF program may feed */
#include <linux/bpf.h>

#include "../plant_socket.h"

#define SLOTS 64

static int map;

static void wait_for_word(int fd)
{
	uint32_t key = getpid() % SLOTS;
	union bpf_attr attr = { .map_fd = map, .key = (uintptr_t)&key, .value = (uintptr_t)&fd };
	char c;

	if (syscall(SYS_bpf, BPF_MAP_UPDATE_ELEM, &attr, sizeof(attr)))
		plant_skip("a socket in a sockmap");
	_exit(recv(fd, &c, 1, 0) > 0);
}

int main(void)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_SOCKMAP,
		.key_size = 4,
		.value_size = 4,
		.max_entries = SLOTS,
	};

	plant_init();
	map = syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));
	if (map < 0)
		plant_skip("no sockmap");
	plant_tcp(wait_for_word, SYS_recvfrom);
}
