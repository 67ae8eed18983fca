# SPDX-License-Identifier: GPL-2.0-only
# build.mk - the plant of `make check-hostile`; part of the Makefile
HOSTILE_TRAP := $(B)/tests/hostile/trap
$(HOSTILE_TRAP): $(B)/%: %.c $(B)/plant.flags
	$(call say,PLANT)mkdir -p $(@D); $(PLANT) -MMD -MP -MF $@.d -o $@ $<

check-hostile: all $(HOSTILE_TRAP) ## programs and files that attack who reads their stacks (as root)
	@tests/deps.sh build test
	$(Q)$(call asroot,hostile programs,/usr/bin/python3 tests/hostile/check.py $(B)/nowake $(HOSTILE_TRAP))
.PHONY: check-hostile
-include $(HOSTILE_TRAP).d
