# otpgwd: `make` builds, `make demo` shows it, `make check` tests it. `make help` lists the rest.
FLAVOUR ?= release
BUILD ?= build
B := $(BUILD)/$(FLAVOUR)
VERSION := $(shell sed -n 's/^## \[\([0-9][0-9.]*\)\].*/\1/p' CHANGELOG.md | head -n 1)

PREFIX ?= /usr
SYSCONFDIR ?= /etc
UNITDIR ?= $(PREFIX)/lib/systemd/system
DESTDIR ?=

CC ?= cc
CLANG ?= clang
PYTHON ?= /usr/bin/python3
SECONDS_PER ?= 60
JOBS ?= $(shell nproc)
WORKERS ?= $(shell expr 5 '*' $(JOBS))
PACKAGES := gcc libc6-dev pkg-config libsmpp34-dev libhiredis-dev libconfig-dev libsodium-dev libunistring-dev libevent-dev libsystemd-dev libssl-dev \
	redis-server redis-tools libcmocka-dev python3 python3-pytest python3-pytest-xdist python3-redis curl openssl systemd mandoc
PKGS := libssl libcrypto hiredis libconfig libsodium libevent libevent_extra libsystemd
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null | sed 's/-I/-isystem /g')
LIBS := $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lsmpp34 -lunistring

WERROR ?=
WARN := -Wall -Wextra -Wpedantic -Wswitch-enum -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wpointer-arith -Wcast-qual -Wvla -Wformat=2 -Wundef $(if $(WERROR),-Werror)
HARDEN := -fstack-protector-strong -fstack-clash-protection -fPIE
HARDEN_release := -D_FORTIFY_SOURCE=2 $(if $(filter x86_64,$(shell uname -m)),-fcf-protection)
FLAGS_release := -O2 -g $(HARDEN_release)
# A broken invariant ends the builds that are for finding faults; a release counts it.
ABORT := -DOTPGWD_INVARIANTS_ABORT
FLAGS_debug := -O0 -g3 $(ABORT)
FLAGS_asan := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer $(ABORT)
FLAGS_chaos := $(FLAGS_release) -DOTPGWD_PAUSE_POINTS $(ABORT)
# The daemon of the next release, for the test of an upgrade: it may write the next version of the record.
FLAGS_next := $(FLAGS_release) -DOTPGWD_RECORD_NEXT $(ABORT)
FLAGS_cov := -O0 -g --coverage $(ABORT)
FLAGS_fuzz := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer $(ABORT)

INC := -Iinclude -Idaemon -I$(B)/gen
DAEMON_CFLAGS := -std=c11 -D_GNU_SOURCE -DOTPGWD_VERSION='"$(VERSION)"' $(WARN) $(HARDEN) $(FLAGS_$(FLAVOUR)) $(INC) $(PKG_CFLAGS) -MMD -MP
DAEMON_LDFLAGS := $(FLAGS_$(FLAVOUR)) -pie -Wl,-z,relro,-z,now -Wl,--as-needed

# ROOMS limits a build to some rooms, while working on one.
ROOMS ?= base otp api store smpp ops flow conf
LUA := $(wildcard daemon/store/lua/*.lua)
LUA_LIB := $(wildcard daemon/store/lua/lib/*.lua)
ROOM_SRC := $(foreach r,$(ROOMS),$(wildcard daemon/$(r)/*.c daemon/$(r)/*/*.c))
TOP_SRC := $(filter-out daemon/main.c,$(wildcard daemon/*.c))
LIB_SRC := $(ROOM_SRC) $(if $(filter conf,$(ROOMS)),$(TOP_SRC))
LIB_OBJ := $(LIB_SRC:%.c=$(B)/%.o)
LIB := $(B)/libotpgwd.a
BIN := $(B)/otpgwd
SMSC := $(B)/tests/smsc/smsc
SMSC_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard tests/smsc/*.c))
FAKES := $(patsubst %.c,$(B)/%.o,$(wildcard tests/fakes/*.c))

.PHONY: all headers deps demo run check tests check-asan lint unit lua integration system docs interop fuzz fuzz-run fuzz-replay \
	bench bench-peer install uninstall format clean help
all: $(BIN) $(SMSC)

-include Makefile.local

# A stamp changes when what it stands for does: other flags rebuild objects, a source less relinks. Installing changes none.
stamp = $(if $(filter-out install uninstall,$(or $(MAKECMDGOALS),all)),$(make_stamp))
make_stamp = $(shell mkdir -p $(B); echo '$(subst ','\'',$(2))' | cmp -s - $(B)/$(1).stamp || echo '$(subst ','\'',$(2))' > $(B)/$(1).stamp)
$(call stamp,flags,$(CC) $(filter-out -Werror,$(DAEMON_CFLAGS)) $(CFLAGS))
$(call stamp,objects,$(LIB_OBJ))
$(call stamp,smsc,$(SMSC_OBJ))

# V=1 shows commands.
Q := $(if $(V),,@)
say = $(if $(V),,@echo '  $(1)  $(patsubst $(BUILD)/%,%,$@)')

$(B)/%.o: %.c $(B)/flags.stamp | headers
	@mkdir -p $(@D)
	$(call say,CC  )
	$(Q)$(CC) $(DAEMON_CFLAGS) $(CFLAGS) -c $< -o $@

headers:
	@command -v $(firstword $(CC)) > /dev/null && pkg-config --exists $(PKGS) && test -e /usr/include/libsmpp34/smpp34.h && test -e /usr/include/unistr.h || { \
		echo 'otpgwd: the compiler or development packages are missing; "make deps" installs them, or by hand:' >&2; \
		echo '  apt-get install $(filter gcc %-dev pkg-config,$(PACKAGES))' >&2; exit 1; }

$(B)/daemon/store/library.o: $(B)/gen/store_lua.h
$(B)/gen/store_lua.h: $(LUA) $(LUA_LIB) daemon/store/embed.sh $(wildcard daemon/store/*.h) include/store.h include/otp/lifecycle.h
	@mkdir -p $(@D)
	$(Q)sh daemon/store/embed.sh daemon/store/lua $(filter next,$(FLAVOUR)) > $@.new && mv $@.new $@

$(LIB): $(LIB_OBJ) $(B)/objects.stamp
	@rm -f $@
	$(call say,AR  )
	$(Q)ar rcs $@ $(LIB_OBJ)

$(BIN): $(B)/daemon/main.o $(LIB)
	$(call say,LINK)
	$(Q)$(CC) $(DAEMON_LDFLAGS) $(LDFLAGS) -o $@ $< $(LIB) $(LIBS)

ifneq ($(FLAVOUR),next)
.PHONY: next
next:
	@$(MAKE) --no-print-directory -j$(JOBS) FLAVOUR=next $(BUILD)/next/otpgwd
endif

$(SMSC): $(SMSC_OBJ) $(B)/smsc.stamp
	$(call say,LINK)
	$(Q)$(CC) $(DAEMON_LDFLAGS) $(LDFLAGS) -o $@ $(SMSC_OBJ) -lssl -lcrypto

# Installs what is missing, as root or through sudo; otherwise says the one line that does.
deps:
	@missing=; for p in $(PACKAGES) $(EXTRA); do \
		dpkg-query -W -f '$${Status}' $$p 2>/dev/null | grep -q '^install ok installed' || missing="$$missing $$p"; \
	done; \
	test -n "$$missing" || exit 0; \
	install="env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends$$missing"; \
	if [ "$$(id -u)" = 0 ]; then apt-get update -q && $$install; \
	elif sudo -n true 2>/dev/null || { [ -t 0 ] && command -v sudo >/dev/null; }; then sudo apt-get update -q && sudo $$install; \
	else echo "otpgwd: packages are missing; as root:" >&2; \
		echo "  apt-get update && apt-get install -y --no-install-recommends$$missing" >&2; exit 1; fi

# A make of its own after deps: what pkg-config says is read at the start.
demo run: deps
	@$(MAKE) --no-print-directory -j$(JOBS) all
	@sh tests/demo.sh $(B) $@

# --- tests: a unit test links the library after the fakes it names ("fakes: loop clock"), and wraps what it names ("wrap: bind") ---
UNIT_SRC := $(foreach r,$(ROOMS),$(wildcard tests/unit/$(r)/test_*.c)) $(if $(filter conf,$(ROOMS)),$(wildcard tests/unit/test_*.c))
UNIT_BIN := $(if $(T),$(filter %/test_$(T),$(UNIT_SRC:%.c=$(B)/%)),$(UNIT_SRC:%.c=$(B)/%))
fakes_of = $(foreach f,$(shell sed -n 's/^ \* fakes: //p' $(1)),$(B)/tests/fakes/$(f).o) $(shell sed -n 's/^ \* wrap: /-Wl,--wrap=/p' $(1))
$(B)/tests/unit/%: $(B)/tests/unit/%.o $(FAKES) $(LIB)
	$(Q)$(CC) $(DAEMON_LDFLAGS) $(LDFLAGS) -o $@ $< $(call fakes_of,tests/unit/$*.c) $(LIB) $(LIBS) -lcmocka
.PRECIOUS: $(B)/%.o

# A small quarantine: tests bound the memory of the daemon.
export ASAN_OPTIONS ?= detect_leaks=1:quarantine_size_mb=8
export UBSAN_OPTIONS ?= print_stacktrace=1
export OTPGWD_BUILD := $(abspath $(B))
PYTEST := OTPGWD=$(abspath $(BIN)) SMSC=$(abspath $(SMSC)) $(PYTHON) -B -m pytest -q -p no:cacheprovider

# The integration tests wait more than they work, so the other tiers run beside them, one after the other.
# Under sanitizers they work for longer, and one tier follows the other.
TOGETHER ?= 2
TIERS := integration unit scenario lua system fuzz-replay
check: TIERS := $(TIERS) lint
check tests:
	@$(MAKE) --no-print-directory -j$(JOBS) all $(UNIT_BIN) $(SCENARIO_BIN) $(REPLAY_BIN) $(LIB) $(B)/daemon/main.o
	@$(MAKE) --no-print-directory -j$(TOGETHER) --output-sync=recurse $(TIERS:%=tier-%)
tier-%:
	@echo '--- $*'; $(MAKE) --no-print-directory $*

# A report is written to a file, so that one of a daemon that a test only stops is not missed.
SANITIZER := log_path=$(abspath $(BUILD)/asan/report)
check-asan:
	@rm -f $(BUILD)/asan/report.*
	@ASAN_OPTIONS=$(ASAN_OPTIONS):$(SANITIZER) UBSAN_OPTIONS=$(UBSAN_OPTIONS):$(SANITIZER) \
		$(MAKE) --no-print-directory FLAVOUR=asan TOGETHER=1 WORKERS=$(shell expr 2 '*' $(JOBS)) tests; status=$$?; \
	for report in $(BUILD)/asan/report.*; do test ! -e "$$report" || { cat "$$report" >&2; status=1; }; done; exit $$status

lint: $(LIB) $(B)/daemon/main.o
	@CC='$(CC)' $(PYTHON) -B tests/lint/lint.py $(B) $(PKG_CFLAGS)
	@$(PYTEST) tests/lint tests/bench

UNIT_RUN := $(UNIT_BIN:%=%.run)
.PHONY: $(UNIT_RUN)
unit: $(UNIT_RUN)
$(UNIT_RUN): %.run: %
	@timeout 120 $< > $<.log 2>&1 || { cat $<.log; exit 1; }; echo "$$(grep '  PASSED  ' $<.log) $(notdir $<)"

lua:
	@$(PYTEST) tests/lua
# AGAIN: what fails among several tests at once is told, and decided alone.
STORIES := tests/integration $(if $(wildcard tests/regress/test_*.py),tests/regress)
REMEMBER := $(subst -p no:cacheprovider,-o cache_dir=$(abspath $(B))/pytest,$(PYTEST))
integration: all next $(addprefix $(B)/tests/,bench/overload bench/hostile integration/wall_clock.so unit/otp/read_numbers)
	@$(REMEMBER) -n $(WORKERS) $(STORIES) || { test -n "$(AGAIN)" && echo '--- again: those that failed, one by one' && \
		$(REMEMBER) --lf --lfnf=none --maxfail=1 $(STORIES); }
system: all
	@$(PYTEST) tests/system
docs: all
	@$(PYTEST) -rs -n 2 --dist loadgroup tests/docs

# --- fuzz: one target a parser; its corpus is replayed by check ---
FUZZ := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
REPLAY_BIN := $(FUZZ:%=$(B)/tests/fuzz/replay_%)
FUZZ_BIN := $(FUZZ:%=$(B)/tests/fuzz/fuzz_%)
$(B)/tests/fuzz/replay_%: $(B)/tests/fuzz/fuzz_%.o $(B)/tests/fuzz/replay.o $(LIB)
	$(Q)$(CC) $(DAEMON_LDFLAGS) $(LDFLAGS) -o $@ $< $(B)/tests/fuzz/replay.o $(LIB) $(LIBS)
$(B)/tests/fuzz/fuzz_%: $(B)/tests/fuzz/fuzz_%.o $(LIB)
	$(Q)$(CC) $(DAEMON_LDFLAGS) -fsanitize=fuzzer $(LDFLAGS) -o $@ $< $(LIB) $(LIBS)

fuzz-replay: $(REPLAY_BIN)
	@set -e; for n in $(FUZZ); do timeout 60 $(B)/tests/fuzz/replay_$$n tests/fuzz/corpus/$$n; done

fuzz:
	@$(MAKE) --no-print-directory -j$(JOBS) FLAVOUR=fuzz CC=$(CLANG) fuzz-run

# Each on a copy of its corpus: what it finds is kept there, crashes beside it.
FUZZ_RUN := $(FUZZ_BIN:%=%.run)
.PHONY: $(FUZZ_RUN)
fuzz-run: $(FUZZ_RUN)
$(FUZZ_RUN): $(B)/tests/fuzz/fuzz_%.run: $(B)/tests/fuzz/fuzz_%
	@mkdir -p $(B)/tests/fuzz/found/$*; cp tests/fuzz/corpus/$*/* $(B)/tests/fuzz/found/$*/
	@$< -max_total_time=$(SECONDS_PER) -timeout=10 -rss_limit_mb=1024 -max_len=16384 -verbosity=0 -print_final_stats=1 \
		-artifact_prefix=$(B)/tests/fuzz/$*- $(B)/tests/fuzz/found/$* > $@.log 2>&1 || { cat $@.log >&2; exit 1; }
	@echo "fuzz $*: ok, $$(sed -n 's/^stat::number_of_executed_units: *//p' $@.log) runs in $(SECONDS_PER) s"

# --- benchmarks ---
BENCH_BIN := $(patsubst %.c,$(B)/%,$(wildcard tests/bench/*.c))
$(B)/tests/bench/pool: $(LIB)
$(B)/tests/bench/%: $(B)/tests/bench/%.o
	$(Q)$(CC) $(DAEMON_LDFLAGS) $(LDFLAGS) -o $@ $< $(filter $(LIB),$^) $(LIBS)
# ROWS=1,4: only these; SCALE=1: up to 2,000,000 live; BESIDE=build of another commit: both in turn; GATE=1: exact counts must meet their aims
bench: all $(BENCH_BIN)
	@$(PYTHON) -B tests/bench/bench.py $(B) $(ROWS:%=--rows %) $(SCALE:%=--scale) $(BESIDE:%=--beside %) $(GATE:%=--gate)
bench-peer: all $(BENCH_BIN)
	@$(PYTHON) -B tests/bench/peer.py $(B)

include daemon/conf/embedded.mk tests/chaos/chaos.mk tests/nomem/nomem.mk tests/interop/interop.mk tests/unit/coverage.mk tests/scenario/scenario.mk \
	conf/numbering/numbering.mk systemd/install.mk

format:
	clang-format -i $(shell find daemon include tests -name node_modules -prune -o -name '*.[ch]' -print)
clean:
	rm -rf $(BUILD)

help:
	@echo 'all            daemon and SMSC simulator, under build/FLAVOUR (release, debug, asan, cov)'
	@echo 'demo, run      everything private in a temporary directory: shown and stopped, or left up to play with'
	@echo 'deps           install the Debian packages needed'
	@echo 'check          lint, unit, scenario, lua, integration, system, fuzz-replay; check-asan: the same under sanitizers; check-nomem'
	@echo 'next           the daemon of the next release, for the test of an upgrade'
	@echo 'unit T=name    one unit test; PYTEST_ADDOPTS="-k word": those of the others'
	@echo 'scenario       the flows in virtual time, by stories; SCN=name: one of them'
	@echo 'coverage       of what judges: lines and branches that the unit tests run'
	@echo 'docs           what README and the manual pages say to type, typed on a bare Debian 12 and 13 (root, debootstrap)'
	@echo 'interop        clients and SMSCs that are not ours (npm)'
	@echo 'numbering      writes conf/numbering/*.conf anew, from libphonenumber-js (npm)'
	@echo 'fuzz           every parser for SECONDS_PER=60 seconds each (clang)'
	@echo 'bench          rates beside their ceilings; ROWS=1,4 SCALE=1 BESIDE=build/of/another GATE=1; bench-peer: beside Kannel'
	@echo 'chaos          instances killed under load: KILLS=20 SEED=1 INSTANCES=3; chaos-bursts: in bursts; chaos-steps: at each step; chaos-redis: Redis killed'
	@echo 'soak           DURATION=1200 seconds of load with faults: memory, descriptors, nothing lost'
	@echo 'install, uninstall   DESTDIR= PREFIX=/usr UNITDIR=/lib/systemd/system'
	@echo 'format, clean  WERROR=1: warnings are errors'

-include $(shell find $(B) -name '*.d' 2>/dev/null)
