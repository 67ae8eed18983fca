# SPDX-License-Identifier: GPL-2.0-only
# ci.mk - what CI (.ci/run) runs beside `make check`, and three checks for which it has no time: check-boot,
# check-go-std and check-go-arm64; part of the Makefile
check-san: ## units and a live run with ASan and UBSan
	@tests/deps.sh build test
	+@tests/tally.sh check-san $(foreach p,unit golden live,"$p: $(MAKE) --no-print-directory $(JOBS) SANITIZE=1 check-$p")
check-vm: all live stack-vm ## the live suite on Debian's kernels, in QEMU; ARGS="--kernel SERIES"
	@tests/deps.sh vm vm-$(ARCH)
	$(Q)ARCH=$(ARCH) B=$(abspath $(B)) STACKS="$(STACK_VM)" tests/vm/check.sh $(ARGS)
check-crowd: all $(B)/tests/stuck/mutex_cycle2 ## the daemon beside 50,000 threads, in QEMU; ARGS=THREADS
	@tests/deps.sh build vm vm-x86_64
	$(Q)tests/vm/crowd_check.sh $(abspath $(B)) $(ARGS)
check-real: all live ## real servers, idle and under load, must stay unreported (as root)
	$(Q)$(call asroot,real servers,tests/real/install.sh && tests/real/run.sh $(B)/nowake $(REAL_PLANTS))
check-arm64: ## cross build for arm64, and check-vm on one of its kernels
	@tests/deps.sh build arm64 vm vm-arm64
	+@$(MAKE) --no-print-directory $(JOBS) ARCH=arm64 ARGS="$(or $(ARGS),--kernel arm64-6.1)" check-vm
check-chroot: ## `make report` and `make check` on a fresh Debian 13, in a chroot (as root)
	@tests/deps.sh chroot
	$(Q)tests/chroot.sh trixie
STACK_CHECK = /usr/bin/python3 tests/stack/check.py $(B)/nowake $(STACK)
check-stack: all ## stacks of programs built in many ways, against gdb's (as root)
	@tests/deps.sh build test stack
	+@$(MAKE) --no-print-directory -k $(JOBS) stack
	+$(Q)$(call asroot,stacks,tests/tally.sh check-stack "gdb: $(STACK_CHECK)" \
		"debuginfod: /usr/bin/python3 tests/stack/debuginfod.py $(B)/nowake $(STACK)/debug/mutex_cycle2")
check-fuzz: ## fuzz all that the symbolizer parses, for a fixed number of inputs
	@tests/deps.sh build fuzz
	$(Q)tests/fuzz/run.sh $(B)
PROM_PLANTS = $(filter %/mutex_cycle2 %/mutex_self %/leak_threads,$(PLANTS))
check-prom: all $(PROM_PLANTS) ## the dashboard and the alerts, with Debian's Prometheus (as root)
	@tests/deps.sh build prom go
	$(Q)$(GO_CACHE) /usr/bin/python3 tests/prom/check.py $(B)/nowake $(B)/tests
DAEMON_PLANTS = $(filter $(B)/tests/daemon/% %/mutex_cycle2,$(PLANTS))
check-daemon: all $(DAEMON_PLANTS) ## what happens to a daemon: storms, kills, full disks; ARGS=--long (as root)
	@tests/deps.sh build go
	$(Q)$(call asroot,the daemon,$(GO_CACHE) /usr/bin/python3 tests/daemon/check.py $(ARGS) $(B)/nowake $(B)/tests)
SERVICE_PLANTS = $(filter %/stuck/mutex_cycle2 %/stuck/mutex_self,$(PLANTS))
check-service: all $(SERVICE_PLANTS) ## the unit file, and the daemon with no more than it gives (as root)
	@tests/deps.sh build service
	$(Q)$(call asroot,the service,/usr/bin/python3 tests/service/check.py $(B)/nowake $(B)/tests)
check-boot: all $(SERVICE_PLANTS) ## the unit under a real systemd, in QEMU; ARGS="SERIES..." (as root)
	@tests/deps.sh build chroot vm vm-x86_64
	$(Q)tests/service/boot.sh $(B)/nowake $(B)/tests $(ARGS)
# Two lanes, at once: while the programs of one are waited for, those of the other are looked at.
GO_LANE1 = 1.19 1.22 1.24 1.27
GO_LANE2 = 1.21 1.23 $(if $(filter all,$(ARGS)),1.25) 1.26
go_matrix = $(foreach v,$1,$(addprefix $v:,plain stripped cgo pie $(if $(filter all,$(ARGS)),pie-stripped)))
GO_CACHE = GOCACHE=$(abspath $(B))/go/cache
go_check = $(GO_CACHE) /usr/bin/python3 tests/go/$1.py $(B)/nowake
check-go: all ## goroutines that leak, and others, in programs of all toolchains and builds; ARGS="VERSION:BUILD...", or all: 1.25 and stripped PIEs, too (as root)
	@tests/deps.sh build go
	$(Q)$(call asroot,goroutines,tests/tally.sh --at-once check-go $(if $(filter-out all,$(ARGS)),\
		"patterns: $(call go_check,check) $(filter-out all,$(ARGS))",\
		"lane 1: $(call go_check,check) $(call go_matrix,$(GO_LANE1))" \
		"lane 2: $(call go_check,check) $(call go_matrix,$(GO_LANE2))" \
		"plugins: $(call go_check,plugin) 1.24"))
check-go-unmeasured: all ## programs of a Go that no table knows, read as their own DWARF says (as root)
	@tests/deps.sh build go
	$(Q)$(call asroot,goroutines,$(call go_check,unmeasured) $(or $(ARGS),1.19:1.20 1.27:1.29))
check-go-std: all ## Go's own tests of its library: who is called stuck meanwhile never goes on; ARGS="VERSION PACKAGE..." (as root)
	@tests/deps.sh build go
	$(Q)$(call asroot,goroutines,$(call go_check,std) $(or $(ARGS),1.27 net/http database/sql crypto/tls net sync))
# In the virtual machine those that need no network, which would take minutes to compile and to emulate.
GO_ARM64 = jobs_never_closed lock_order_deferred lock_lent once_recursive stack_held nil_channel cond_no_signal \
	ticker_stopped wait_group early_return semaphore_full rwmutex_global
check-go-arm64: ## the same for programs of arm64, on one of its kernels, in QEMU; ARGS="VERSION..."
	@tests/deps.sh build arm64 vm vm-arm64 go
	+@$(MAKE) --no-print-directory $(JOBS) ARCH=arm64 B=$(B)/arm64 all
	@$(GO_CACHE) tests/tally.sh check-go-arm64 $(foreach v,$(or $(ARGS),1.27),\
		"$v: /usr/bin/python3 tests/go/vm.py $(B)/arm64/nowake arm64 arm64-6.1 $v $(GO_ARM64)")
# Of the readers of Go's tables, goroutines and heap, with which toolchains: tests/go/PART.sh; in two lanes.
GO_PARTS1 = table:1.19:1.27 mark:1.27
GO_PARTS2 = look:1.19:1.27
go_parts = $(GO_CACHE) tests/tally.sh check-go-parts $(foreach p,$1,'$p: tests/go/$(firstword $(subst :, ,$p)).sh \
	$(foreach v,$(wordlist 2,9,$(subst :, ,$p)),$$(tests/go/toolchain.sh $v))')
check-go-parts: ## these readers, against what Go itself says; ARGS="PART:VERSION[:VERSION...]..."
	@tests/deps.sh build go
	@$(if $(ARGS),$(call go_parts,$(ARGS)),tests/tally.sh --at-once check-go-parts \
		"lane 1: $(call go_parts,$(GO_PARTS1))" "lane 2: $(call go_parts,$(GO_PARTS2))")
check-go-layouts: ## the layouts of Go's runtime in the tree, and as nowake reads them, against eight toolchains
	@tests/deps.sh build go
	$(Q)tests/go/layouts/generate.sh --check
go-layouts: ## write user/golang/layout_*.inc anew, from these toolchains
	@tests/deps.sh go
	$(Q)tests/go/layouts/generate.sh
.PHONY: go-layouts $(addprefix check-,san vm crowd real arm64 chroot stack fuzz prom daemon service boot go go-arm64 go-std go-parts go-layouts go-unmeasured)
