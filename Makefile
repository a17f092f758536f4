# cmonha-ui. `make help` lists the targets; README.md says what they are for.

VERSION := $(shell sed -n 's/^\#\# \([0-9.]*\).*/\1/p' NEWS.md 2>/dev/null | head -n 1)

prefix       ?= /usr
sbindir      ?= $(prefix)/sbin
datadir      ?= $(prefix)/share
mandir       ?= $(datadir)/man
unitdir      ?= /lib/systemd/system
tmpfilesdir  ?= /usr/lib/tmpfiles.d
sysusersdir  ?= /usr/lib/sysusers.d
firewalldir  ?= /usr/lib/firewalld/services
DESTDIR      ?=

# Ours come first, so that a packager's CFLAGS, CPPFLAGS and LDFLAGS win.
CC          ?= cc
CFLAGS      ?= -O2 -g
WARNINGS     = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
               -Wconversion -Wno-sign-conversion -Wpointer-arith -Wvla -Wwrite-strings \
               -Wformat=2 -Wimplicit-fallthrough
WERROR      ?= -Werror
HARDENING   ?= -fstack-protector-strong -fstack-clash-protection -fPIE -D_FORTIFY_SOURCE=2
HARDEN_LINK ?= -pie -Wl,-z,relro -Wl,-z,now
SANITIZE     =
BUILD        = build
ifeq ($(SAN),1)
SANITIZE     = -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
HARDENING    = -fPIE
BUILD        = build/san
endif

OUR_CPPFLAGS = -D_GNU_SOURCE -Isrc -DCMONHA_VERSION='"$(VERSION)"' -DCMONHA_DATADIR='"$(datadir)/cmonha-ui"'
OUR_CFLAGS   = -std=c11 $(WARNINGS) $(WERROR) $(HARDENING) $(SANITIZE) -pthread
OUR_LDFLAGS  = $(HARDEN_LINK) $(SANITIZE) -Wl,--as-needed -pthread
LIBS         = -lcurl -ljansson

LIBRARY_C  = $(filter-out %/cmonhachk.c,$(wildcard src/base/*.c src/cluster/*.c src/plan/*.c \
             src/apply/*.c src/check/*.c))
TOOL_C     = $(wildcard src/ui/*.c)
CHECK_C    = src/check/cmonhachk.c
UNIT_C     = $(wildcard tests/unit/check_*.c)
HEADERS    = $(wildcard src/*/*.h tests/unit/*.h)

object     = $(patsubst %.c,$(BUILD)/%.o,$(1))
LIBRARY    = $(BUILD)/libcmonha.a
TOOL       = $(BUILD)/cmonha-ui
CHECK      = $(BUILD)/cmonhachk
UNIT       = $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(UNIT_C))

ifneq ($(V),1)
Q = @
say = @printf '  %-6s %s\n' '$(1)' '$(2)';
endif

all: $(TOOL) $(CHECK) ## Build both programs

$(BUILD)/%.o: %.c Makefile NEWS.md
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(OUR_CPPFLAGS) $(CPPFLAGS) $(OUR_CFLAGS) $(CFLAGS) -MMD -MP -c $< -o $@

$(LIBRARY): $(call object,$(LIBRARY_C))
	$(call say,AR,$@)
	$(Q)rm -f $@
	$(Q)ar rcs $@ $^

$(TOOL): $(call object,$(TOOL_C)) $(LIBRARY)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(OUR_LDFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(CHECK): $(call object,$(CHECK_C)) $(LIBRARY)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(OUR_LDFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/unit/%: $(BUILD)/tests/unit/%.o $(BUILD)/tests/unit/unit.o $(LIBRARY)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(OUR_LDFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS) $$(pkg-config --libs check)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

format: ## Put the C sources into the house style
	clang-format -i $(wildcard src/*/*.[ch] tests/*/*.[ch])

clean: ## Remove what was built
	rm -rf build

.PHONY: all format clean
.SECONDARY:
