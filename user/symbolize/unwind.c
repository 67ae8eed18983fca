// SPDX-License-Identifier: GPL-2.0-only
/* unwind.c - from registers and stack to the chain of calls.
 *
 * libdw says by what rules the caller's registers are found (.eh_frame, .debug_frame); the
 * rules are applied here, on memory that came with the request or is asked for. Where there
 * are none, a frame pointer is followed only if what it leads to looks like a frame: a
 * return address in code, behind a call. Soundness: what is not certain ends the walk. */
#include "symbolize/unwind.h"

#include <elf.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "symbolize/callsite.h"
#include "symbolize/expression.h"

#define READS_MAX 512 /* pieces of memory that are asked for in one walk */
#define PIECE 4096u

/* How an architecture numbers its registers (System V ABIs, DWARF register numbers). */
struct arch {
	__u32 machine;
	unsigned int nregs;
	unsigned int sp, fp, pc;
	unsigned int word;
	unsigned int link; /* where a call leaves the return address; 0: on the stack */
};

static const struct arch archs[] = {
	{ EM_X86_64, 17, 7, 6, 16, 8 },
	{ EM_386, 9, 4, 5, 8, 4 },
	{ EM_AARCH64, 33, 31, 29, 32, 8, 30 },
};

/* Where i386's registers stand among those of x86_64. */
static const unsigned char i386_regs[] = { 0, 2, 1, 3, 7, 6, 4, 5, 16 };

struct walk {
	const struct arch *arch;
	const struct space *space;
	struct images *images;
	const struct peer *peer;
	const struct message_unwind *thread;
	struct registers regs;
	__u64 pc;
	bool exact;   /* pc is of an instruction that was interrupted, not behind a call */
	bool guessed; /* it was found by a frame pointer */
	__u64 piece;  /* address of the piece of memory that was asked for last */
	size_t piece_len;
	unsigned char bytes[PIECE];
	unsigned int reads;
	struct message_trace *ret;
};

static void stop(struct walk *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void stop(struct walk *w, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(w->ret->stop, sizeof(w->ret->stop), fmt, ap);
	va_end(ap);
}

/* ---- memory ---- */

static bool copy_from(const unsigned char *bytes, __u64 start, size_t have, __u64 address,
		      void *ret, size_t len)
{
	if (address < start || address - start > have || have - (address - start) < len)
		return false;
	memcpy(ret, bytes + (address - start), len);
	return true;
}

static bool read_memory(void *arg, __u64 address, void *ret, size_t len)
{
	struct walk *w = arg;

	if (copy_from(w->thread->bytes, w->thread->stack, w->thread->len, address, ret, len) ||
	    copy_from(w->bytes, w->piece, w->piece_len, address, ret, len))
		return true;
	if (w->reads++ >= READS_MAX)
		return false;
	w->piece = address;
	w->piece_len = w->peer->read(w->peer->arg, address, w->bytes, sizeof(w->bytes));
	return copy_from(w->bytes, w->piece, w->piece_len, address, ret, len);
}

static struct expression_context context(struct walk *w)
{
	return (struct expression_context){
		.regs = &w->regs,
		.word = w->arch->word,
		.read = read_memory,
		.arg = w,
	};
}

/* ---- one step by the frame pointer ---- */

static void set_reg(struct registers *regs, unsigned int n, __u64 value)
{
	regs->value[n] = value;
	regs->known |= 1ull << n;
}

/* Pointer authentication keeps its code in the upper bits of arm64's return addresses. */
static __u64 strip(const struct walk *w, __u64 pc)
{
	if (w->arch->machine == EM_AARCH64)
		return pc & ((1ull << 48) - 1);
	return w->arch->word == 4 ? (__u32)pc : pc;
}

/* Whether an address lies in code, right behind a call. */
static bool is_return_address(struct walk *w, __u64 address, __u64 callee)
{
	const struct mapping *to = space_find(w->space, address);
	const struct mapping *from = space_find(w->space, callee);
	struct callsite site;

	if (!to || !from)
		return false;
	/* Code made at run time keeps frames too, but not every interpreter calls by calling. */
	if (!to->ino && !from->ino)
		return true;
	if (!callsite_before(w->arch->machine, address, read_memory, w, &site))
		return false;
	/* A call that names its target must lead to the code that we come from: into the same
	 * mapping, before the place where it is now. */
	if (!site.direct || !from->ino)
		return true;
	return site.target <= callee && site.target >= from->start;
}

/* arm64's calls leave the return address in a register, and a function that calls nothing keeps
 * it there: then the frame pointer is its caller's. Only a table tells the two apart. */
static bool has_link(struct walk *w, __u64 pc)
{
	const unsigned int link = w->arch->link;

	return w->exact && link && w->regs.known >> link & 1 && w->regs.value[link] != pc &&
	       is_return_address(w, strip(w, w->regs.value[link]), w->pc);
}

#define LEAF_MAX 512 /* bytes of a function that is believed to be one without a frame */

/* What makes threads has no table behind the system call, for there are two stacks then
 * (clone3.S, clone.S of glibc). Its return address is what lies on top, or in the link
 * register, if the call before it leads right to where we are: a function that has pushed
 * nothing, and so has changed no register that its caller needs. */
static bool step_by_leaf(struct walk *w)
{
	struct expression_context c = context(w);
	const unsigned int sp = w->arch->sp, link = w->arch->link, word = w->arch->word;
	struct callsite site;
	__u64 pc = w->regs.value[link];

	if (!w->exact || w->ret->n != 1 || !(w->regs.known >> sp & 1) ||
	    (!link && !expression_load(&c, w->regs.value[sp], word, &pc)))
		return false;
	pc = strip(w, pc);
	if (!space_find(w->space, pc) ||
	    !callsite_before(w->arch->machine, pc, read_memory, w, &site) || !site.direct ||
	    site.target > w->pc || w->pc - site.target > LEAF_MAX)
		return false;
	if (link)
		w->regs.known &= ~(1ull << link);
	else
		set_reg(&w->regs, sp, w->regs.value[sp] + word);
	w->pc = pc;
	w->exact = false;
	w->guessed = true;
	return true;
}

/* 1: went to the caller; -1: said why not. */
static int step_by_pointer(struct walk *w, const char *module)
{
	struct expression_context c = context(w);
	const unsigned int sp = w->arch->sp, fp = w->arch->fp, word = w->arch->word;
	__u64 frame = w->regs.value[fp], next, pc;

	if (!(w->regs.known >> fp & 1) || frame < w->regs.value[sp] || frame % word ||
	    !expression_load(&c, frame, word, &next) ||
	    !expression_load(&c, frame + word, word, &pc) ||
	    !is_return_address(w, strip(w, pc), w->pc) || has_link(w, pc) ||
	    (next && next <= frame)) {
		stop(w, "no unwind information for %s", module);
		return -1;
	}
	w->regs.known = 0;
	set_reg(&w->regs, fp, next);
	set_reg(&w->regs, sp, frame + 2 * word);
	/* On arm64 the pair may lie anywhere in its frame: this is a lower bound. */
	if (w->arch->link)
		w->regs.known &= ~(1ull << sp);
	w->pc = pc;
	w->exact = false;
	w->guessed = true;
	return 1;
}

/* ---- one step by the unwind table ---- */

static bool frame_address(struct walk *w, Dwarf_Frame *frame, __u64 *ret)
{
	struct expression_context c = context(w);
	enum expression_kind kind;
	Dwarf_Op *ops;
	size_t n;

	return !dwarf_frame_cfa(frame, &ops, &n) && n &&
	       expression_evaluate(&c, ops, n, ret, &kind);
}

enum rule { RULE_UNDEFINED, RULE_KNOWN, RULE_FAILED };

/* The value that register n has in the caller. */
static enum rule apply_rule(struct walk *w, const struct expression_context *c, Dwarf_Frame *frame,
			    unsigned int n, __u64 *ret)
{
	Dwarf_Op memory[3], *ops;
	enum expression_kind kind;
	size_t nops;

	if (dwarf_frame_register(frame, n, memory, &ops, &nops))
		return RULE_FAILED;
	if (!nops && ops)
		return RULE_UNDEFINED;
	if (!nops) { /* the same as here */
		*ret = w->regs.value[n];
		return w->regs.known >> n & 1 ? RULE_KNOWN : RULE_FAILED;
	}
	if (!expression_evaluate(c, ops, nops, ret, &kind))
		return RULE_FAILED;
	if (kind == EXPRESSION_ADDRESS && !expression_load(c, *ret, w->arch->word, ret))
		return RULE_FAILED;
	return RULE_KNOWN;
}

/* Where arm64's code was interrupted there need be no frame. */
static bool grows(const struct walk *w, __u64 before, __u64 after)
{
	return after > before || (after == before && w->exact && w->arch->link);
}

/* As step_by_table(), of a caller whose stack pointer is not known,
 * because it was found by a frame pointer. */
static int step_without_sp(struct walk *w, Dwarf_Frame *frame, int ra, const char *module)
{
	struct expression_context c = context(w);
	__u64 pc;

	if (apply_rule(w, &c, frame, ra, &pc) == RULE_UNDEFINED)
		return 0;
	return step_by_pointer(w, module);
}

/* 1: went to the caller; 0: this was the thread's first function; -1: said why not. */
static int step_by_table(struct walk *w, Dwarf_Frame *frame, const char *module)
{
	struct registers caller = {};
	struct expression_context c = context(w);
	const unsigned int sp = w->arch->sp;
	bool signal = false;
	int ra = dwarf_frame_info(frame, NULL, NULL, &signal);
	__u64 pc = 0, before = w->regs.value[sp];

	if (ra < 0 || ra >= (int)w->arch->nregs) {
		stop(w, "the unwind information of %s makes no sense", module);
		return -1;
	}
	if (!frame_address(w, frame, &c.cfa)) {
		if (w->guessed && w->arch->link)
			return step_without_sp(w, frame, ra, module);
		stop(w, "the unwind information of %s makes no sense", module);
		return -1;
	}
	if (signal)
		w->ret->step[w->ret->n - 1].bits |= MESSAGE_STEP_EXACT | MESSAGE_STEP_SIGNAL;
	c.has_cfa = true;
	for (unsigned int n = 0; n < w->arch->nregs; n++) {
		__u64 value;

		if (apply_rule(w, &c, frame, n, &value) == RULE_KNOWN)
			set_reg(&caller, n, value);
	}
	set_reg(&caller, sp, caller.known >> sp & 1 && signal ? caller.value[sp] : c.cfa);
	switch (apply_rule(w, &c, frame, ra, &pc)) {
	case RULE_UNDEFINED:
		return 0;
	case RULE_FAILED:
		stop(w, "the stack of the caller in %s cannot be read", module);
		return -1;
	case RULE_KNOWN:
		break;
	}
	/* Nothing is known of the link register behind a call; the call itself has changed it. */
	if (w->arch->link && !signal)
		caller.known &= ~(1ull << w->arch->link);
	if (!signal && w->ret->n > 1 && !grows(w, before, caller.value[sp])) {
		stop(w, "the stack is damaged: it does not grow at %s", module);
		return -1;
	}
	w->regs = caller;
	w->pc = pc;
	w->exact = signal;
	w->guessed = false;
	return 1;
}

/* ---- one step over a signal ---- */

/* arm64's kernel says no longer how its trampoline is unwound (87676cfca141, 5.8), so it is known
 * by its code: mov x8, #__NR_rt_sigreturn; svc #0. */
static bool is_sigreturn(struct walk *w)
{
	static const __u32 want[2] = { 0xd2801168, 0xd4000001 };
	__u32 code[2];

	return w->arch->machine == EM_AARCH64 && !w->exact && w->regs.known >> w->arch->sp & 1 &&
	       read_memory(w, w->pc, code, sizeof(code)) && !memcmp(code, want, sizeof(code));
}

/* Its frame is at sp: a siginfo_t of 128 bytes, a ucontext_t, in which at 176 a struct sigcontext
 * begins, and there the registers, behind the address of a fault, in the order of this file. */
static int step_by_sigreturn(struct walk *w)
{
	const __u64 at = w->regs.value[w->arch->sp] + 128 + 176 + 8;
	__u64 reg[33];

	if (!read_memory(w, at, reg, sizeof(reg))) {
		stop(w, "the registers that a signal saved cannot be read");
		return -1;
	}
	w->ret->step[w->ret->n - 1].bits |= MESSAGE_STEP_EXACT | MESSAGE_STEP_SIGNAL;
	for (unsigned int n = 0; n < w->arch->nregs; n++)
		set_reg(&w->regs, n, reg[n]);
	w->pc = reg[w->arch->pc];
	w->exact = true;
	w->guessed = false;
	return 1;
}

/* ---- the walk ---- */

static void add_step(struct walk *w)
{
	w->ret->step[w->ret->n++] = (struct message_step){
		.address = w->pc,
		.bits = (w->exact ? MESSAGE_STEP_EXACT : 0) |
			(w->guessed ? MESSAGE_STEP_GUESSED : 0),
	};
}

static const char *module_name(const struct mapping *m)
{
	const char *slash = strrchr(m->name, '/');

	if (slash)
		return slash + 1;
	return m->name[0] ? m->name : "memory without a file (made at run time)";
}

static int step(struct walk *w, struct mapping *m)
{
	struct image *image = space_image(w->space, m, w->images);
	__u64 lookup = w->pc - !w->exact, address;
	Dwarf_Frame *frame = NULL;

	if (image && image_address(image, lookup - m->start + m->offset, &address))
		frame = image_frame(image, address);
	if (frame)
		return step_by_table(w, frame, module_name(m));
	if (is_sigreturn(w))
		return step_by_sigreturn(w);
	if (m->ino && !image) {
		stop(w, "the file of %s cannot be read", module_name(m));
		return -1;
	}
	return step_by_leaf(w) ? 1 : step_by_pointer(w, module_name(m));
}

static bool begin(struct walk *w)
{
	const struct arch *a = w->arch;

	for (unsigned int n = 0; n < a->nregs; n++) {
		unsigned int from = a->machine == EM_386 ? i386_regs[n] : n;

		set_reg(&w->regs, n, w->thread->reg[from]);
	}
	w->pc = w->regs.value[a->pc];
	w->exact = true;
	return w->pc != 0;
}

static void run(struct walk *w)
{
	int moved = begin(w);

	while (moved > 0) {
		struct mapping *m;

		w->pc = strip(w, w->pc);
		m = space_find(w->space, w->pc);
		if (!m && !w->pc && w->ret->n)
			return; /* nobody called the outermost function */
		if (!m) {
			stop(w, "0x%llx is no code of the process", w->pc);
			return;
		}
		if (w->ret->n == STACK_FRAMES_MAX) {
			stop(w, "cut after %d frames", STACK_FRAMES_MAX);
			return;
		}
		add_step(w);
		moved = step(w, m);
	}
}

void unwind_run(const struct space *s, struct images *images, const struct peer *peer,
		const struct message_unwind *thread, struct message_trace *ret)
{
	struct walk w = {
		.space = s,
		.images = images,
		.peer = peer,
		.thread = thread,
		.ret = ret,
	};

	ret->n = 0;
	ret->stop[0] = '\0';
	for (size_t i = 0; i < sizeof(archs) / sizeof(archs[0]); i++)
		if (archs[i].machine == s->machine)
			w.arch = &archs[i];
	if (w.arch)
		run(&w);
	else
		stop(&w, "stacks of this architecture are not read");
}
