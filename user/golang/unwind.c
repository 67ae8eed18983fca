// SPDX-License-Identifier: GPL-2.0-only
/* unwind.c - from a goroutine's saved registers to its chain of calls.
 *
 * Pure but for the reader that is handed in. Go's frames have a size that the function table knows
 * for each instruction, so neither frame pointers nor DWARF are needed. The rules, and the order in
 * which they are applied, are those of runtime/traceback.go: gentraceback up to Go 1.20, then
 * (*unwinder).resolveInternal and next.
 * Functions with rules of their own are known by name: their FuncIDs differ between versions.
 * Soundness: what is not certain ends the walk, and says so. */
#include "golang/unwind.h"

#include <string.h>

#define WORD 8

struct walk {
	const struct unwind_program *program;
	const struct unwind_start *user; /* NULL once the walk is on it, too */
	struct unwind_frames *ret;
	__u64 pc, sp, cfa;
	__u64 lr; /* 0: it is in memory */
	__u64 lo, hi;
	const struct program_module *module;
	struct pclntab_function f; /* of it, at pc */
	bool innermost;
	bool syscall;
	bool exact;
};

static bool is(const struct walk *w, const char *name)
{
	return pclntab_is(w->f.name, name);
}

static bool end(struct walk *w, enum unwind_end why)
{
	w->ret->end = why;
	w->ret->at = w->pc;
	return false;
}

static bool find_function(struct walk *w)
{
	w->module = program_function(w->program->program, w->pc, &w->f);
	return w->module || end(w, UNWIND_NO_CODE);
}

static bool frame_size(const struct walk *w, __s32 *ret)
{
	return pclntab_frame(w->module->table, &w->f, w->pc - w->module->text, ret);
}

static bool load(struct walk *w, __u64 address, __u64 *ret)
{
	if (address % WORD || address < w->lo || address > w->hi || w->hi - address < WORD)
		return end(w, UNWIND_OUTSIDE);
	return w->program->read(w->program->arg, address, ret, WORD) || end(w, UNWIND_UNREADABLE);
}

/* ---- one frame ---- */

/* Over to the goroutine's own stack, where the runtime left it for the thread's. */
static bool jump(struct walk *w, __u8 *flags)
{
	const struct unwind_start *user = w->user;
	__s32 size;

	if (user && is(w, "runtime.morestack")) {
		/* It never returns: newstack() goes on where the goroutine was. */
		w->pc = user->pc;
		w->lr = user->lr;
		if (!find_function(w))
			return false;
		*flags = w->f.flags;
	} else if (user && is(w, "runtime.systemstack")) {
		*flags &= ~PCLNTAB_SPWRITE;
		if (w->program->has_link && frame_size(w, &size) && !size)
			return true; /* it has not switched yet, or no longer */
	} else {
		return true;
	}
	w->sp = user->sp;
	w->lo = user->lo;
	w->hi = user->hi;
	w->user = NULL;
	return true;
}

static bool find_cfa(struct walk *w)
{
	const __u64 pushed = w->program->has_link ? 0 : WORD;
	__s32 size;

	if (!w->f.frame)
		return end(w, UNWIND_NO_FRAMES); /* external code, as the race detector's */
	if (!frame_size(w, &size) || size < 0)
		return end(w, UNWIND_NO_FRAMES);
	if (w->sp < w->lo || w->sp > w->hi || w->hi - w->sp < size + pushed)
		return end(w, UNWIND_OUTSIDE);
	w->cfa = w->sp + size + pushed;
	return true;
}

/* Where the frame returns to; false at the end of the walk. */
static bool find_caller(struct walk *w, __u8 flags)
{
	if (flags & PCLNTAB_TOPFRAME)
		return end(w, UNWIND_TOP);
	/* One that gave up its thread did so in its prologue, where sp is still true. */
	if (flags & PCLNTAB_SPWRITE && (!w->innermost || w->exact))
		return end(w, UNWIND_SPWRITE);
	if (!w->program->has_link)
		return load(w, w->cfa - WORD, &w->lr);
	if ((w->innermost && w->sp < w->cfa) || !w->lr)
		return load(w, w->sp, &w->lr);
	return true;
}

/* Adds the frame at pc and sp. */
static bool add(struct walk *w)
{
	__u8 flags = w->f.flags;

	/* cgocallback has a frame on both stacks while it switches; a system call's sp was taken
	 * before anything was done to it. */
	if (is(w, "runtime.cgocallback") || (w->innermost && w->syscall))
		flags &= ~PCLNTAB_SPWRITE;
	if (!jump(w, &flags) || !find_cfa(w))
		return false;
	w->ret->frame[w->ret->n++] = (struct unwind_frame){
		.pc = w->pc,
		.sp = w->sp,
		.cfa = w->cfa,
		/* at its entry a function has made no call yet: a goroutine that has not begun */
		.exact = w->exact || w->pc == w->module->text + w->f.entry,
	};
	return find_caller(w, flags);
}

bool unwind_is_injected(const struct pclntab_function *f)
{
	return pclntab_is(f->name, "runtime.sigpanic") ||
	       pclntab_is(f->name, "runtime.asyncPreempt") ||
	       pclntab_is(f->name, "runtime.debugCallV2");
}

__u64 unwind_locals(const struct unwind_frame *frame, bool has_link)
{
	const __u64 end = frame->cfa - (has_link ? 0 : WORD);

	return end > frame->sp ? end - WORD : end; /* the frame pointer */
}

/* From a frame to the one that called it. */
static bool step(struct walk *w)
{
	const bool injected = unwind_is_injected(&w->f);
	__u64 saved;
	__s32 size;

	if (w->pc == w->lr && w->sp == w->cfa)
		return end(w, UNWIND_STUCK);
	if (w->ret->n == UNWIND_FRAMES_MAX)
		return end(w, UNWIND_CUT);
	w->innermost = false;
	w->exact = injected;
	w->pc = w->lr;
	w->lr = 0;
	w->sp = w->cfa;
	if (!find_function(w))
		return false;
	if (!injected || !w->program->has_link)
		return true;
	/* sighandler saved the link register on the stack before it made up the call */
	if (!load(w, w->sp, &saved))
		return false;
	w->sp += UNWIND_LINK_BUMP;
	if (frame_size(w, &size) && !size)
		w->lr = saved;
	return true;
}

/* ---- the walk ---- */

/* A call of a nil function: begins in its caller. */
static bool begin(struct walk *w)
{
	if (!w->pc) {
		if (!load(w, w->sp, &w->pc))
			return false;
		w->lr = 0;
		w->exact = false;
		if (!w->program->has_link)
			w->sp += WORD;
	}
	return find_function(w);
}

void unwind_goroutine(const struct unwind_program *program, const struct unwind_start *start,
		      const struct unwind_start *user, struct unwind_frames *ret)
{
	struct walk w = {
		.program = program,
		.user = user,
		.ret = ret,
		.pc = start->pc,
		.sp = start->sp,
		.lr = program->has_link ? start->lr : 0,
		.lo = start->lo,
		.hi = start->hi,
		.innermost = true,
		.syscall = start->syscall,
		.exact = start->exact,
	};
	bool on;

	ret->n = 0;
	ret->at = 0;
	on = begin(&w);
	while (on && add(&w))
		on = step(&w);
}

const char *unwind_why(enum unwind_end end)
{
	static const char *const why[] = {
		[UNWIND_TOP] = NULL,
		[UNWIND_NO_CODE] = "a return address is in no function of the program",
		[UNWIND_NO_FRAMES] = "a function's frame is not known",
		[UNWIND_SPWRITE] = "a function moves the stack pointer itself",
		[UNWIND_OUTSIDE] = "a frame lies outside of the stack",
		[UNWIND_UNREADABLE] = "the stack cannot be read",
		[UNWIND_STUCK] = "a frame leads to itself",
		[UNWIND_CUT] = "cut after 500 frames",
	};

	_Static_assert(sizeof(why) / sizeof(why[0]) == UNWIND_CUT + 1, "each end has its words");
	return (unsigned int)end <= UNWIND_CUT ? why[end] : NULL;
}
