# SPDX-License-Identifier: GPL-2.0-only
# build.mk - the daemon that `make check-top` asks; part of the Makefile
TOP_FAKE := $(B)/tests/top/fake
$(TOP_FAKE): %: %.o $(filter-out $(B)/user/main.o,$(OBJ)) $(B)/link.flags
	$(call say,LINK)$(LINK) -o $@ $(filter %.o,$^) $(LDLIBS)

check-top: all $(TOP_FAKE) ## `nowake top` in tmux, before a daemon that says what the test wants
	@tests/deps.sh build top
	$(Q)tests/top/check.sh $(B)/nowake $(TOP_FAKE)
.PHONY: check-top
-include $(TOP_FAKE).d
