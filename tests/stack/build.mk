# SPDX-License-Identifier: GPL-2.0-only
# build.mk - the programs of `make check-stack`; part of the Makefile
#
# $(STACK)/VARIANT/NAME is tests/stuck/NAME.c in one of four ways; $(STACK)/special/NAME is
# tests/stack/NAME.*, and special/NAME+HOW the same source built otherwise.
STACK := $(B)/tests/stack
STACK_VARIANTS := debug omit stripped static
stack_debug := -O0
stack_omit := -O2 -fomit-frame-pointer
stack_stripped := -O2 -Wl,--strip-all
stack_static := -O1 -static

comma := ,
# NAME+HOW=FLAG,FLAG: a comma stands for a space; build.sh knows how to finish some HOWs
STACK_OTHERWISE := plain+gz=-gz plain+dwarf4=-gdwarf-4 plain+dwarf5=-gdwarf-5 plain+pie=-fPIE,-pie \
	plain+nopie=-fno-pie,-no-pie plain+lto=-flto,-O2 plain+O2=-O2 plain+static=-static,-O2 \
	plain+debuglink=-O2 plain+buildid=-O2 plain+minidebug=-O1 container+other=-DOTHER \
	musl_mutex+static=-static musl_syscall+static=-static rust_mutex+debug=-Copt-level=0 \
	$(if $(filter arm64,$(ARCH)),plain+pac=-O2$(comma)-mbranch-protection=standard) \
	rust_mutex+v0=-Csymbol-mangling-version=v0 rust_park+v0=-Csymbol-mangling-version=v0
stack_how = $(word 2,$(subst +, ,$(@F)))
stack_flags = $(subst $(comma), ,$(patsubst $(@F)=%,%,$(filter $(@F)=%,$(STACK_OTHERWISE))))
stack_build = $(call say,PLANT)PLANT='$(PLANT)' FINISH=$(filter debuglink buildid minidebug,$(stack_how)) \
	tests/stack/build.sh $< $@

STACK_STUCK := $(patsubst tests/stuck/%.c,%,$(wildcard tests/stuck/*.c))
STACK_SPECIAL := $(foreach s,$(wildcard tests/stack/*.c tests/stack/*.cc tests/stack/*.rs),$(notdir $(basename $s)))
STACK_MORE := $(foreach o,$(STACK_OTHERWISE),$(firstword $(subst =, ,$o)))
STACK_ALL := $(foreach v,$(STACK_VARIANTS),$(STACK_STUCK:%=$(STACK)/$v/%)) $(addprefix $(STACK)/special/,$(STACK_SPECIAL) \
	$(STACK_MORE) lib/plugin_wait.so)
# those that need neither gdb nor debug information beside them run in virtual machines too
STACK_VM := altstack authenticated context fault handler no_cfi plain plain+O2 plain+static raw_clone recursion sleep \
	$(if $(filter arm64,$(ARCH)),plain+pac)
STACK_NEEDS := $(if $(SYSROOT),$(SYSROOT)/.ready) $(B)/plant.flags tests/stack/build.mk tests/stack/build.sh

define stack_variant
$(STACK)/$1/%: tests/stuck/%.c $(STACK_NEEDS)
	$$(stack_build) $$(stack_$1)
endef
$(foreach v,$(STACK_VARIANTS),$(eval $(call stack_variant,$v)))

.SECONDEXPANSION:
$(addprefix $(STACK)/special/,$(STACK_SPECIAL) $(STACK_MORE)): $$(wildcard tests/stack/$$(firstword $$(subst +, ,$$(@F))).*) \
		$(STACK_NEEDS)
	$(stack_build) $(stack_flags)
$(STACK)/special/lib/%.so: tests/stack/lib/%.c $(STACK_NEEDS)
	$(stack_build) -O2 -shared -fPIC

stack: $(STACK_ALL)
stack-vm: $(STACK_VM:%=$(STACK)/special/%)
-include $(STACK_ALL:%=%.d)
.PHONY: stack stack-vm
