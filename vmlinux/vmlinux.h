/* SPDX-License-Identifier: GPL-2.0-only */
/* vmlinux.h - the kernel's types, as far as bpf/ reads them.
 *
 * Kept by hand: only the members in use, in no particular order; the loader
 * finds their real places in the running kernel's BTF (CO-RE), so one build
 * serves every kernel and needs no BTF of its own. A suffix after three
 * underscores marks an older or newer form of a type; compat.bpf.h chooses. */
#pragma once

typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef signed char __s8;
typedef short __s16;
typedef int __s32;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u64 __be64;
typedef __u16 __le16;
typedef __u32 __le32;
typedef __u64 __le64;
typedef __u32 __wsum;
typedef _Bool bool;

enum { false, true };

/* Values the kernel's user-space headers give, needed by the BPF helpers' header. */
enum bpf_map_type {
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_PERCPU_ARRAY = 6,
	BPF_MAP_TYPE_LRU_HASH = 9,
	BPF_MAP_TYPE_RINGBUF = 27,
};

enum { BPF_ANY = 0 };
enum { BPF_RB_NO_WAKEUP = 1, BPF_RB_FORCE_WAKEUP = 2 };
enum { BPF_RB_AVAIL_DATA = 0 };

enum bpf_func_id { BPF_FUNC_task_pt_regs = 175, BPF_FUNC_get_func_ret = 184 };

#ifdef __TARGET_ARCH_x86
#include "x86.h"
#elif defined(__TARGET_ARCH_arm64)
#include "arm64.h"
#else
#error "no kernel types for this architecture"
#endif

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct list_head {
	struct list_head *next, *prev;
};

struct seq_file {
	unsigned long count;
};

struct bpf_iter_meta {
	struct seq_file *seq;
	__u64 session_id;
	__u64 seq_num;
};

struct task_struct;
struct file;

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};

struct bpf_iter__task_file {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
	__u32 fd;
	struct file *file;
};

/* Namespaces and process ids. */

struct ns_common {
	unsigned int inum;
};

struct pid_namespace {
	struct ns_common ns;
};

struct time_namespace {
	struct ns_common ns;
};

struct nsproxy {
	struct time_namespace *time_ns;
};

struct upid {
	int nr;
	struct pid_namespace *ns;
};

struct pid {
	unsigned int level;
	struct upid numbers[1];
};

/* Timers. */

struct hrtimer {
	__u8 state;
};

struct hrtimer___v7 {
	bool is_queued;
};

/* Memory and tasks. */

typedef struct {
	long counter;
} atomic_long_t;

struct mm_struct;

struct sched_info {
	unsigned long long last_arrival;
};

struct sched_entity {
	__u64 exec_start;
};

struct signal_struct {
	unsigned int flags;
	void *core_state;
	unsigned int is_child_subreaper : 1;
	struct list_head posix_timers;
	struct hrtimer real_timer;
};

struct restart_block {
	struct {
		__u32 *uaddr;
	} futex;
};

struct files_struct;

struct task_struct {
	struct thread_info thread_info;
	unsigned int __state;
	void *stack;
	unsigned int flags;
	unsigned int on_cpu;
	unsigned int ptrace;
	int exit_state;
	unsigned int frozen : 1;
	struct sched_entity se;
	struct sched_info sched_info;
	struct mm_struct *mm;
	int pid;
	int tgid;
	struct task_struct *real_parent;
	struct task_struct *parent;
	struct task_struct *group_leader;
	struct pid *thread_pid;
	void *vfork_done;
	void *io_uring;
	int *clear_child_tid;
	unsigned long nvcsw;
	unsigned long nivcsw;
	__u64 start_boottime;
	__u64 self_exec_id;
	char comm[16];
	struct files_struct *files;
	struct signal_struct *signal;
	struct nsproxy *nsproxy;
	struct restart_block restart_block;
	struct thread_struct thread;
};

struct signal_struct___v7 {
	struct hrtimer___v7 real_timer;
};

struct task_struct___v513 {
	long state;
};

struct mm_struct___v515 {
	void *core_state;
};

/* Futexes. */

union futex_key {
	struct {
		__u64 ptr;
		unsigned long word;
		unsigned int offset;
	} both;
};

struct plist_node {
	struct list_head node_list;
};

struct futex_q {
	struct plist_node list;
	void *lock_ptr;
	struct task_struct *task;
	union futex_key key;
};

/* Wait queues. */

struct wait_queue_head {
	struct list_head head;
};

struct wait_queue_entry {
	void *private;
	struct list_head entry;
};

struct wait_opts {
	struct pid *wo_pid;
	struct wait_queue_entry child_wait;
};

/* Files. */

struct super_block {
	unsigned int s_dev;
	unsigned long s_magic;
};

struct qstr {
	const unsigned char *name;
};

struct dentry {
	struct qstr d_name;
};

struct path {
	struct dentry *dentry;
};

struct file_lock_context {
	struct list_head flc_flock;
	struct list_head flc_posix;
};

struct inode {
	unsigned short i_mode;
	struct super_block *i_sb;
	unsigned long i_ino;
	unsigned int i_nlink;
	unsigned int i_rdev;
	struct file_lock_context *i_flctx;
	void *i_private;
};

struct file {
	struct path f_path;
	struct inode *f_inode;
	unsigned int f_flags;
	void *private_data;
	atomic_long_t f_count;
};

typedef struct {
	atomic_long_t refcnt;
} file_ref_t;

struct file___v613 {
	file_ref_t f_ref;
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

struct file_lock_core {
	struct list_head flc_list;
	void *flc_owner;
	unsigned int flc_flags;
	unsigned char flc_type;
	int flc_pid;
	struct wait_queue_head flc_wait;
	struct file *flc_file;
};

struct file_lock {
	struct file_lock_core c;
	long long fl_start;
	long long fl_end;
};

struct file_lock___v68 {
	struct list_head fl_list;
	void *fl_owner;
	unsigned int fl_flags;
	unsigned char fl_type;
	unsigned int fl_pid;
	struct wait_queue_head fl_wait;
	struct file *fl_file;
};

struct pipe_inode_info {
	struct wait_queue_head rd_wait;
	struct wait_queue_head wr_wait;
	unsigned int readers;
	unsigned int writers;
	void *watch_queue;
};

typedef struct {
	int counter;
} atomic_t;

typedef struct {
	atomic_t refs;
} refcount_t;

struct kref {
	refcount_t refcount;
};

struct eventfd_ctx {
	struct kref kref;
	struct wait_queue_head wqh;
};

/* Sockets. */

struct net {
	struct ns_common ns;
};

typedef struct {
	struct net *net;
} possible_net_t;

struct in6_addr {
	__u8 bytes[16]; /* only its place matters */
};

struct sock_common {
	__be32 skc_daddr;
	__be32 skc_rcv_saddr;
	__be16 skc_dport;
	__u16 skc_num;
	unsigned short skc_family;
	unsigned char skc_state;
	possible_net_t skc_net;
	struct in6_addr skc_v6_daddr;
	struct in6_addr skc_v6_rcv_saddr;
};

struct socket_wq {
	struct wait_queue_head wait;
};

struct sock {
	struct sock_common __sk_common;
	struct socket_wq *sk_wq;
	__u16 sk_type;
	__u16 sk_protocol;
	long sk_rcvtimeo;
	long sk_sndtimeo;
	void *sk_user_data;
};

struct inet_connection_sock {
	__u32 icsk_user_timeout;
};

struct tcp_sock {
	__u32 write_seq;
	__u32 snd_nxt;
	__u32 snd_una;
	__u32 rcv_nxt;
	__u32 rcv_wup;
	__u32 rcv_wnd;
};

struct unix_sock {
	struct sock *peer;
	void *addr;
	struct socket_wq peer_wq;
};

struct socket {
	short type;
	struct sock *sk;
};

#pragma clang attribute pop
