# SPDX-License-Identifier: GPL-2.0-only
# Makefile - builds, tests and installs nowake; `make help` lists what it can do.
#
# All that is made lies under build/ (build/san with SANITIZE=1, build/ARCH for a foreign ARCH).
# Headers are tracked by -MMD -MP and commands by the .flags files: nothing made is ever stale.
# The BPF objects are linked into one, and reach user space as one skeleton, nowake.skel.h.

MAKEFLAGS += -rR
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all
export LC_ALL := C.UTF-8

RELEASE := 0.1.0
PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
MANDIR ?= $(PREFIX)/share/man
COMPDIR ?= $(PREFIX)/share/bash-completion/completions
DOCDIR ?= $(PREFIX)/share/doc/nowake
UNITDIR ?= $(PREFIX)/lib/systemd/system

# ---- the machine that builds and the one that is built for ----
HOST := $(patsubst aarch64,arm64,$(shell uname -m))
ARCH ?= $(HOST)
override ARCH := $(patsubst aarch64,arm64,$(ARCH))
ifeq ($(filter $(ARCH),x86_64 arm64),)
$(error ARCH=$(ARCH): nowake is built for x86_64 and arm64)
endif
TRIPLET := $(if $(filter arm64,$(ARCH)),aarch64,$(ARCH))-linux-gnu
CROSS := $(if $(filter-out $(HOST),$(ARCH)),$(TRIPLET)-)
B ?= build$(if $(CROSS),/$(ARCH))$(if $(SANITIZE),/san)
ifneq ($(filter default undefined,$(origin CC)),)
CC := $(CROSS)gcc
endif
CLANG ?= clang
# Debian keeps bpftool where only root's PATH looks, Ubuntu behind a wrapper that wants its own kernel
BPFTOOL ?= $(shell PATH="$$PATH:/usr/sbin:/sbin"; for t in bpftool $(wildcard /usr/lib/linux-tools*/bpftool \
	/usr/lib/linux-tools/*/bpftool); do $$t version >/dev/null 2>&1 && { echo $$t; break; }; done)

# ---- flags ----
WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
	-Wformat=2 -Wundef -Wvla -Wpointer-arith -Wwrite-strings \
	-Wno-missing-field-initializers -Werror
ifdef SANITIZE
HARDEN := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
HARDEN_LD := -fsanitize=address,undefined
export ASAN_OPTIONS ?= abort_on_error=1:detect_leaks=1:detect_stack_use_after_return=1
export UBSAN_OPTIONS ?= print_stacktrace=1:abort_on_error=1
else
HARDEN := -fPIE -fstack-protector-strong -fstack-clash-protection -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
HARDEN_LD := -pie -Wl,-z,relro,-z,now,-z,noexecstack
endif
CFLAGS ?= -O2 -g
PACKAGES := libdw libbpf libelf zlib jansson libcap-ng libseccomp ncursesw
ifeq ($(CROSS),)
LIB_CFLAGS := $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null)
LIB_LDFLAGS := $(shell pkg-config --libs-only-L $(PACKAGES) 2>/dev/null)
else ifeq ($(wildcard /usr/lib/$(TRIPLET)/libbpf.so),)
SYSROOT := $(B)/sysroot
LIB_CFLAGS := --sysroot=$(abspath $(SYSROOT))
LIB_LDFLAGS := $(LIB_CFLAGS) -Wl,-rpath-link,$(abspath $(SYSROOT))/usr/lib/$(TRIPLET)
endif
LDLIBS := $(LIB_LDFLAGS) -ldw -lbpf -lelf -lz -ljansson -lcap-ng -lseccomp -lncursesw -liberty -pthread
COMPILE = $(CC) -std=gnu11 -D_GNU_SOURCE $(WARN) $(HARDEN) $(LIB_CFLAGS) -Iuser -Ibpf -I$(B) $(CPPFLAGS) $(CFLAGS)
LINK = $(CC) $(CFLAGS) $(HARDEN_LD) $(LDFLAGS)
BPF_COMPILE = $(CLANG) -target bpf -mcpu=v3 -std=gnu11 -O2 -g -fno-stack-protector \
	-D__TARGET_ARCH_$(if $(filter arm64,$(ARCH)),arm64,x86) -Wall -Wextra -Wno-missing-field-initializers -Werror \
	-Ivmlinux -Ibpf
# programs of the live suite: plain, never sanitized; flags from /* cflags: */ and /* ldflags: */ in their heads
PLANT = $(CC) $(if $(SYSROOT),$(LIB_CFLAGS)) -std=gnu11 -D_GNU_SOURCE -O1 -g -Wall -Wextra -Werror -pthread

# ---- what there is ----
SRC := $(wildcard user/*.c user/*/*.c)
OBJ := $(SRC:%.c=$(B)/%.o)
BPF_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard bpf/*.bpf.c))
UNITS := $(B)/tests/units
UNIT_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard tests/unit/*.c))
PLANTS := $(patsubst %.c,$(B)/%,$(wildcard tests/stuck/*.c tests/healthy/*.c tests/daemon/*.c))
REAL_PLANTS := $(patsubst %,$(B)/tests/stuck/%,mutex_cycle2 pipe_cycle2)
# parts of suites that only CI and few others run: that they compile is known at once
TOOLS := $(patsubst %.c,$(B)/%.o,$(wildcard tests/go/*.c tests/bench/*.c))
LIVE_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard tests/live*.c))
LIVE := $(if $(LIVE_OBJ),$(B)/tests/live)

ifneq ($(V),1)
say = @printf '  %-8s%s\n' $1 $(or $2,$@);
Q := @
endif
# rewrites $@ only when its text changes, so that what depends on it is made again exactly then
keep = @mkdir -p $(@D); printf '%s\n' $1 >$@.$$$$; if cmp -s $@.$$$$ $@; then rm $@.$$$$; else mv $@.$$$$ $@; fi
# what only root can do says loudly that it did not run
asroot = if [ "$$(id -u)" = 0 ]; then $2; else \
	echo 'SKIPPED, NOT RUN: $(strip $1): needs root'; echo '0 passed, 0 failed, 1 skipped'; fi
JOBS = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc))

# what root made under sudo is the user's
give_back = @[ -z "$$SUDO_UID" ] || chown -R "$$SUDO_UID:$$SUDO_GID" build

all: $(B)/nowake ## build nowake (the default)

$(B)/nowake: $(OBJ) $(B)/link.flags
	$(call say,LINK)$(LINK) -o $@ $(OBJ) $(LDLIBS)

$(B)/user/%.o: user/%.c $(B)/compile.flags | $(B)/version.h $(if $(SYSROOT),$(SYSROOT)/.ready)
	$(call say,CC)mkdir -p $(@D); $(COMPILE) -MMD -MP -c -o $@ $<
$(filter $(B)/user/collect/%,$(OBJ)): | $(B)/nowake.skel.h

$(B)/bpf/%.bpf.o: bpf/%.bpf.c $(B)/bpf.flags
	$(call say,BPF)mkdir -p $(@D); $(BPF_COMPILE) -MMD -MP -c -o $@ $<
$(B)/nowake.bpf.o: $(BPF_OBJ) $(B)/bpf.flags
	$(call say,BPFLINK)$(or $(BPFTOOL),bpftool) gen object $@ $(BPF_OBJ)
$(B)/nowake.skel.h: $(B)/nowake.bpf.o
	$(call say,SKEL)$(or $(BPFTOOL),bpftool) gen skeleton $< name nowake_bpf >$@

$(addprefix $(B)/,compile.flags link.flags bpf.flags plant.flags): $(B)/%: FORCE
	$(call keep,'$(subst ','\'',$($*))')
compile.flags = $(COMPILE)
link.flags = $(LINK) $(LDLIBS) $(OBJ) $(UNIT_OBJ)
bpf.flags = $(BPF_COMPILE) $(BPF_OBJ)
plant.flags = $(PLANT)

GIT := GIT_OPTIONAL_LOCKS=0 git -c safe.directory=$(CURDIR)
$(B)/version.h: FORCE
	$(call keep,"$$(v=$$($(GIT) describe --tags --match 'v[0-9]*' 2>/dev/null) || v=$(RELEASE); \
	r=$$($(GIT) rev-parse --short=12 HEAD 2>/dev/null) || r=unknown; \
	[ -z "$$($(GIT) status --porcelain -uno 2>/dev/null)" ] || r=$$r-dirty; \
	printf '#define NOWAKE_VERSION "%s"\n#define NOWAKE_REVISION "%s"\n' "$${v#v}" "$$r"; \
	printf '#define NOWAKE_BOTH NOWAKE_VERSION " (" NOWAKE_REVISION ")"')")

$(SYSROOT)/.ready: tests/sysroot.sh
	$(call say,SYSROOT)tests/sysroot.sh $(ARCH) $(@D)

# ---- tests ----
$(UNITS): $(UNIT_OBJ) $(filter-out $(B)/user/main.o,$(OBJ)) $(B)/link.flags
	$(call say,LINK)$(LINK) -o $@ $(filter %.o,$^) $(LDLIBS) -lcriterion
$(B)/tests/%.o: tests/%.c $(B)/compile.flags | $(B)/version.h $(if $(SYSROOT),$(SYSROOT)/.ready)
	$(call say,CC)mkdir -p $(@D); $(COMPILE) -Itests/unit -MMD -MP -c -o $@ $<
$(B)/tests/live: $(LIVE_OBJ) $(B)/link.flags
	$(call say,LINK)$(LINK) -o $@ $(LIVE_OBJ) $(LDLIBS)
$(B)/tests/bench/again: %: %.o $(filter-out $(B)/user/main.o,$(OBJ)) $(B)/link.flags
	$(call say,LINK)$(LINK) -Wl,--wrap=message_send,--wrap=message_receive -o $@ $(filter %.o,$^) $(LDLIBS)
$(PLANTS): $(B)/%: %.c $(B)/plant.flags $(B)/tests/.m32
	$(call say,PLANT)mkdir -p $(@D); mark() { sed -n "1,4s,.*/\* $$1: *\(.*\) \*/.*,\1,p" $<; }; \
	if mark cflags | grep -q -e -m32 && [ -e $(B)/tests/.no-m32 ]; then rm -f $@; \
	else $(PLANT) $$(mark cflags) -MMD -MP -MF $@.d -o $@ $< $$(mark ldflags); fi
$(B)/tests/.m32: $(B)/plant.flags $(if $(SYSROOT),$(SYSROOT)/.ready) $(if $(wildcard $(B)/tests/.no-m32),FORCE)
	@mkdir -p $(@D); if printf '#include <stdio.h>\nint main(void){return 0;}\n' | $(PLANT) -m32 -x c -o $@ - \
	2>/dev/null; then rm -f $(B)/tests/.no-m32; else touch $(B)/tests/.no-m32; [ -e $@ ] || touch $@; fi
live: $(PLANTS) $(LIVE)
units: $(UNITS) $(TOOLS)
include tests/stack/build.mk tests/hostile/build.mk tests/top/build.mk tests/ci.mk

report: ## install what the build lacks (as root), build, and report on this host
	@tests/deps.sh build
	+@$(MAKE) --no-print-directory $(JOBS) all
	$(give_back)
	$(Q)$(B)/nowake report $(ARGS)
check: ## install what the tests lack (as root), then run them all
	@tests/deps.sh build test
	+@tests/tally.sh check $(foreach p,lint unit golden schema live,"$p: $(MAKE) --no-print-directory $(JOBS) check-$p") \
	|| status=$$?; [ -z "$$SUDO_UID" ] || chown -R "$$SUDO_UID:$$SUDO_GID" build; exit $${status:-0}
check-unit: units ## unit tests (Criterion); ARGS=WORD: suites with that in their names
	$(Q)tests/unit.sh $(UNITS) $(ARGS)
check-golden: all ## golden outputs, from snapshots
	$(Q)tests/golden.sh $(B)/nowake
check-schema: all live ## real JSON against tests/report.schema.json
	$(Q)tests/schema.sh $(B)/nowake $(REAL_PLANTS)
check-live: all live ## programs that are stuck, and healthy look-alikes, on this kernel (as root)
	$(Q)$(call asroot,the live suite,$(LIVE) $(B)/nowake tests $(B)/tests)
format: ## rewrite C as .clang-format says
	find user bpf tests -name '*.[ch]' -exec clang-format -i {} +
lint check-lint: all ## layers, purity, sizes, format, scripts, man page
	$(Q)tests/lint/run.sh $(B)
bench: all $(B)/tests/bench/again ## speed, memory, cost, as ratios; ARGS="report stacks self cost vm go" (root)
	@tests/deps.sh build test bench vm vm-$(ARCH)
	$(Q)tests/bench/run.sh $(B)/nowake $(ARGS)

# ---- the rest ----
install: all ## install under DESTDIR, PREFIX (/usr/local)
	install -D -m 0755 $(B)/nowake $(DESTDIR)$(BINDIR)/nowake
	install -D -m 0644 user/nowake.8 $(DESTDIR)$(MANDIR)/man8/nowake.8
	install -D -m 0644 user/nowake.conf $(DESTDIR)$(DOCDIR)/nowake.conf
	sed 's,@BINDIR@,$(BINDIR),' user/nowake.service | install -D -m 0644 /dev/stdin $(DESTDIR)$(UNITDIR)/nowake.service
	install -D -m 0644 user/nowake.bash $(DESTDIR)$(COMPDIR)/nowake
uninstall: ## remove what install put there
	rm -f $(DESTDIR)$(BINDIR)/nowake $(DESTDIR)$(MANDIR)/man8/nowake.8 $(DESTDIR)$(COMPDIR)/nowake \
	$(DESTDIR)$(DOCDIR)/nowake.conf $(DESTDIR)$(UNITDIR)/nowake.service
clean: ## remove all that was made
	rm -rf build
help: ## this list
	@awk -F ':.*## ' '/^[a-z][^=]*:.*## /{ n = $$1; sub(/ .*/, "", n); printf "  %-20s%s\n", n, $$2 }' $(MAKEFILE_LIST)
	@echo; echo '  V=1 shows the commands; CC=clang; SANITIZE=1; ARCH=arm64; ARGS="..." for report; DESTDIR, PREFIX'

.PHONY: FORCE all live units report lint format bench install uninstall clean help check $(addprefix check-,unit golden \
	schema live lint)
-include $(patsubst %.o,%.d,$(OBJ) $(BPF_OBJ) $(UNIT_OBJ) $(TOOLS) $(LIVE_OBJ)) $(PLANTS:%=%.d)
