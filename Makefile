# otpgwd: `make` builds, `make demo` shows it, `make check` tests it. `make help` lists the rest.
FLAVOUR ?= release
BUILD ?= build
B := $(BUILD)/$(FLAVOUR)
VERSION := $(shell sed -n 's/^## \[\([0-9][0-9.]*\)\].*/\1/p' CHANGELOG.md | head -n 1)

PREFIX ?= /usr
SYSCONFDIR ?= /etc
UNITDIR ?= /lib/systemd/system
DESTDIR ?=

CC ?= cc
PKGS := hiredis libconfig libsodium libevent libevent_extra libsystemd
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null | sed 's/-I/-isystem /g')
LIBS := $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lsmpp34

WERROR ?=
WARN := -Wall -Wextra -Wpedantic -Wswitch-enum -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wpointer-arith -Wcast-qual -Wvla -Wformat=2 -Wundef $(if $(WERROR),-Werror)
HARDEN := -fstack-protector-strong -fstack-clash-protection -fPIE
HARDEN_release := -D_FORTIFY_SOURCE=2 $(if $(filter x86_64,$(shell uname -m)),-fcf-protection)
FLAGS_release := -O2 -g $(HARDEN_release)
FLAGS_debug := -O0 -g3
FLAGS_asan := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
FLAGS_cov := -O0 -g --coverage
FLAGS_fuzz := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer

INC := -Iinclude -Idaemon -I$(B)/gen
DAEMON_CFLAGS := -std=c11 -D_GNU_SOURCE -DOTPGWD_VERSION='"$(VERSION)"' $(WARN) $(HARDEN) $(FLAGS_$(FLAVOUR)) $(INC) $(PKG_CFLAGS) -MMD -MP
DAEMON_LDFLAGS := $(FLAGS_$(FLAVOUR)) -pie -Wl,-z,relro,-z,now -Wl,--as-needed

# ROOMS limits a build to some rooms, while working on one.
ROOMS ?= base otp api store smpp ops flow
LUA := $(wildcard daemon/store/lua/*.lua)
ROOM_SRC := $(foreach r,$(ROOMS),$(wildcard daemon/$(r)/*.c))
TOP_SRC := $(filter-out daemon/main.c,$(wildcard daemon/*.c))
LIB_SRC := $(ROOM_SRC) $(if $(filter flow,$(ROOMS)),$(TOP_SRC))
LIB_OBJ := $(LIB_SRC:%.c=$(B)/%.o)
LIB := $(B)/libotpgwd.a
BIN := $(B)/otpgwd
SMSC := $(B)/tests/smsc/smsc
SMSC_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard tests/smsc/*.c))
FAKES := $(patsubst %.c,$(B)/%.o,$(wildcard tests/fakes/*.c))

.PHONY: all deps demo run check check-asan lint unit lua integration interop fuzz fuzz-replay bench bench-peer install uninstall format clean help
all: $(BIN) $(SMSC)

-include Makefile.local

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(DAEMON_CFLAGS) $(CFLAGS) -c $< -o $@

$(B)/daemon/store/script.o: $(B)/gen/store_lua.h
$(B)/gen/store_lua.h: $(LUA) daemon/store/embed.sh
	@mkdir -p $(@D)
	sh daemon/store/embed.sh $(LUA) > $@

$(LIB): $(LIB_OBJ)
	@rm -f $@
	ar rcs $@ $^

$(BIN): $(B)/daemon/main.o $(LIB)
	$(CC) $(DAEMON_LDFLAGS) $(LDFLAGS) -o $@ $< $(LIB) $(LIBS)

$(SMSC): $(SMSC_OBJ)
	$(CC) $(DAEMON_LDFLAGS) $(LDFLAGS) -o $@ $^

# --- tests: a unit test links the library after the fakes it names in a line "fakes: loop clock" ---
UNIT_SRC := $(foreach r,$(ROOMS),$(wildcard tests/unit/$(r)/test_*.c)) $(if $(filter flow,$(ROOMS)),$(wildcard tests/unit/test_*.c))
UNIT_BIN := $(if $(T),$(filter %/test_$(T),$(UNIT_SRC:%.c=$(B)/%)),$(UNIT_SRC:%.c=$(B)/%))
fakes_of = $(foreach f,$(shell sed -n 's/^ \* fakes: //p' $(1)),$(B)/tests/fakes/$(f).o)
$(B)/tests/unit/%: $(B)/tests/unit/%.o $(FAKES) $(LIB)
	$(CC) $(DAEMON_LDFLAGS) $(LDFLAGS) -o $@ $< $(call fakes_of,tests/unit/$*.c) $(LIB) $(LIBS) -lcmocka
.PRECIOUS: $(B)/%.o

unit: $(UNIT_BIN)
	@set -e; for t in $(UNIT_BIN); do timeout 60 $$t; done

-include $(shell find $(B) -name '*.d' 2>/dev/null)
