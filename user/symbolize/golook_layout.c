// SPDX-License-Identifier: GPL-2.0-only
/* golook_layout.c - the layout of a Go program that the table does not know, from its own DWARF.
 *
 * That is read once of each file, as what it says is the same for all who run it. The words for why
 * a goroutine waits are read in memory at each look: where the program is position-independent they
 * are linked there only; what one process has there counts for itself alone. */
#include "symbolize/golook_layout.h"

#include <stdio.h>
#include <stdlib.h>

#include "symbolize/godwarf.h"
#include "symbolize/golook_inside.h"

static bool from_dwarf(struct image *i, unsigned int minor, enum golang_arch arch,
		       struct layout_own *ret)
{
	Dwarf_Addr bias = 0;
	__u64 module_bias;
	Dwfl_Module *module = image_module(i, &module_bias);
	Dwarf *dwarf = dwfl_module_getdwarf(module, &bias);

	if (!dwarf || !godwarf_layout(dwarf, minor, arch, ret))
		return false;
	ret->reasons += bias - module_bias;
	return true;
}

/* NULL: there is no DWARF of Go's runtime, or no memory. */
static const struct layout_own *read_once(struct image *i, unsigned int minor,
					  enum golang_arch arch)
{
	struct layout_own **known = image_layout(i);

	if (*known && (*known)->layout.minor == minor)
		return *known;
	if (!*known)
		*known = calloc(1, sizeof(**known));
	if (*known && from_dwarf(i, minor, arch, *known))
		return *known;
	free(*known);
	*known = NULL;
	return NULL;
}

const struct golang_layout *golook_layout(void *arg, unsigned int minor, enum golang_arch arch,
					  const char **why)
{
	struct golook *g = arg;
	const struct layout_own *own = read_once(g->code[0].mapping->image, minor, arch);
	const char *wrong = own ? own->why : "";

	if (!own)
		return NULL;
	g->layout = own->layout;
	if (!*wrong && !layout_own_reasons(&g->target, own->reasons + g->code[0].bias,
					   own->nreasons, &g->reasons, &g->layout))
		wrong = "says nothing that can be read of why goroutines wait";
	if (!*wrong)
		return &g->layout;
	snprintf(g->why, sizeof(g->why), "%s, and its DWARF %s", *why, wrong);
	*why = g->why;
	return NULL;
}
