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

# These come first, so that a packager's CFLAGS, CPPFLAGS and LDFLAGS win.
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
# The sanitizer's own crypt_r() calls that of libcrypt, which --as-needed would leave out.
SANITIZE_LINK = -static-libasan -static-libubsan -lcrypt
SANITIZED    = $(BUILD)/tests/lab/sanitized.o
HARDENING    = -fPIE
BUILD        = build/san
endif
ifeq ($(FUZZ),1)
CC           = clang
WARNINGS    += -Wno-sign-compare -Wno-format-nonliteral
SANITIZE     = -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
HARDENING    = -fPIE
BUILD        = build/fuzz
endif

OUR_CPPFLAGS = -D_GNU_SOURCE -Isrc -Itests/unit/support -DCMONHA_VERSION='"$(VERSION)"' -DCMONHA_DATADIR='"$(datadir)/cmonha-ui"'
OUR_CFLAGS   = -std=c11 $(WARNINGS) $(WERROR) $(HARDENING) $(SANITIZE) -pthread
OUR_LDFLAGS  = $(HARDEN_LINK) $(SANITIZE) $(SANITIZE_LINK) -Wl,--as-needed -pthread
LIBS         = -lcurl -ljansson -lcrypt

LIBRARY_C  = $(filter-out src/check/main.c,$(wildcard src/base/*.c src/cluster/*.c src/plan/*.c \
             src/probe/*.c src/check/*.c src/apply/*.c))
TOOL_C     = $(wildcard src/ui/*.c)
CHECK_C    = src/check/main.c
UNIT_C     = $(wildcard tests/unit/check_*.c)
FUZZ_C     = $(wildcard tests/fuzz/fuzz_*.c)
SUPPORT_C  = $(wildcard tests/unit/support/*.c)
HEADERS    = $(wildcard src/*/*.h tests/unit/*.h tests/unit/support/*.h)

object     = $(patsubst %.c,$(BUILD)/%.o,$(1))
LIBRARY    = $(BUILD)/libcmonha.a
SUPPORT    = $(BUILD)/libsupport.a
TOOL       = $(BUILD)/cmonha-ui
CHECK      = $(BUILD)/cmonhachk
UNIT       = $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(UNIT_C))
FUZZERS    = $(patsubst tests/fuzz/%.c,build/fuzz/%,$(FUZZ_C))

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

$(TOOL): $(call object,$(TOOL_C)) $(SANITIZED) $(LIBRARY)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(OUR_LDFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(CHECK): $(call object,$(CHECK_C)) $(SANITIZED) $(LIBRARY)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(OUR_LDFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

# Fixtures are a library too: a test program links only those that it uses.
$(SUPPORT): $(call object,$(SUPPORT_C))
	$(call say,AR,$@)
	$(Q)rm -f $@
	$(Q)ar rcs $@ $^

$(BUILD)/unit/%: $(BUILD)/tests/unit/%.o $(SUPPORT) $(LIBRARY)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(OUR_LDFLAGS) $(LDFLAGS) -o $@ $(BUILD)/tests/unit/support/unit.o $(filter %.o,$^) $(filter %.a,$^) $(LIBS) $$(pkg-config --libs check)

# The commands are not in the library.
$(BUILD)/unit/check_arguments $(BUILD)/unit/check_context: $(call object,$(filter-out src/ui/main.c,$(TOOL_C)))

build/fuzz/fuzz_%: build/fuzz/tests/fuzz/fuzz_%.o $(LIBRARY)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(OUR_LDFLAGS) -fsanitize=fuzzer $(LDFLAGS) -o $@ $^ $(LIBS)

-include $(shell find $(BUILD) -type f -name '*.d' 2>/dev/null)

install: all ## Install below DESTDIR (default: this machine)
	install -d $(DESTDIR)$(sbindir) $(DESTDIR)$(datadir)/cmonha-ui/templates \
	        $(DESTDIR)$(unitdir) $(DESTDIR)$(tmpfilesdir) $(DESTDIR)$(sysusersdir) \
	        $(DESTDIR)$(firewalldir) $(DESTDIR)$(mandir)/man5 $(DESTDIR)$(mandir)/man7 \
	        $(DESTDIR)$(mandir)/man8
	install -m 0755 $(TOOL) $(CHECK) $(DESTDIR)$(sbindir)
	install -m 0644 conf/templates/* $(DESTDIR)$(datadir)/cmonha-ui/templates
	install -m 0644 conf/cluster.conf.example $(DESTDIR)$(datadir)/cmonha-ui
	install -m 0644 conf/units/* $(DESTDIR)$(unitdir)
	install -m 0644 conf/tmpfiles.conf $(DESTDIR)$(tmpfilesdir)/cmonha-ui.conf
	install -m 0644 conf/sysusers.conf $(DESTDIR)$(sysusersdir)/cmonha-ui.conf
	install -m 0644 conf/firewalld.xml $(DESTDIR)$(firewalldir)/cmonha-ui.xml
	install -m 0644 conf/man/*.5 $(DESTDIR)$(mandir)/man5
	install -m 0644 conf/man/*.7 $(DESTDIR)$(mandir)/man7
	install -m 0644 conf/man/*.8 $(DESTDIR)$(mandir)/man8

# The package is built from a copy, so that no file of it is written to the tree.
DEB_DIR = $(BUILD)/deb
DEB = $(DEB_DIR)/cmonha-ui_$(VERSION)_$(shell dpkg --print-architecture 2>/dev/null).deb
deb: $(DEB) ## Build the Debian package into build/deb/
$(DEB): $(LIBRARY_C) $(TOOL_C) $(CHECK_C) $(HEADERS) $(wildcard conf/* conf/*/* debian/* debian/*/*) Makefile NEWS.md
	$(Q)rm -rf $(DEB_DIR) && mkdir -p $(DEB_DIR)/cmonha-ui-$(VERSION)
	$(Q)tar -c --exclude=./build --exclude=./.git . | tar -x -C $(DEB_DIR)/cmonha-ui-$(VERSION)
	$(Q)cd $(DEB_DIR)/cmonha-ui-$(VERSION) && SAN=$(SAN) dpkg-buildpackage -us -uc -b $(DEB_OPTIONS)
	$(Q)rm -rf $(DEB_DIR)/cmonha-ui-$(VERSION)
	@echo $(DEB)

# On Enterprise Linux plain rpmbuild does; on Debian the macros that its rpm lacks are given.
rpm: ## Build the RPM package into build/rpm/
	$(Q)rm -rf build/rpm && mkdir -p build/rpm/SOURCES
	$(Q)tar -cz --exclude=./build --exclude=./.git --transform 's,^\.,cmonha-ui-$(VERSION),' \
	        -f build/rpm/SOURCES/cmonha-ui-$(VERSION).tar.gz .
	$(Q)rpmbuild -bb --define '_topdir $(CURDIR)/build/rpm' --define 'our_version $(VERSION)' \
	        $(if $(wildcard /etc/debian_version),--nodeps --load rpm/debian.macros) rpm/cmonha-ui.spec
	@ls build/rpm/RPMS/*/*.rpm

check-unit: $(UNIT) ## Run the unit tests: seconds, no root
	@tests/run-unit $(UNIT)

check-golden: $(TOOL) ## Compare rendered files with the stored ones; test them with haproxy and keepalived
	@tests/golden/run $(TOOL)

golden-update: $(TOOL) ## Store what is rendered now (then read git diff)
	@tests/golden/run --accept $(TOOL)

check: ## Run every test; as root also the lab. Installs its dependencies by apt. SAN=1: with sanitizers
	@tests/run-all

SECONDS ?= 60
fuzz: ## Fuzz every input for SECONDS (60) each. Installs clang by apt
	@tests/setup fuzz
	@$(MAKE) --no-print-directory FUZZ=1 $(FUZZERS)
	@tests/run-fuzz $(SECONDS) $(FUZZERS)

demo: ## Live demo: three nodes, a client, failures with times. KEEP=1 leaves the nodes up
	@tests/setup lab
	@$(MAKE) --no-print-directory deb
	@KEEP=$(KEEP) tests/lab/demo $(DEB)

MINUTES ?= 30
nemesis: ## Inject random failures and check the invariants: MINUTES=30 SEED=…
	@tests/setup lab
	@$(MAKE) --no-print-directory deb
	@tests/lab/nemesis $(DEB) --minutes $(MINUTES) $(if $(SEED),--seed $(SEED))

soak: ## Query the checks 200 times a second for an hour, or MINUTES=…: no leak, no wrong response
	@tests/setup lab
	@$(MAKE) --no-print-directory deb
	@tests/lab/soak $(DEB) $(if $(filter file,$(origin MINUTES)),,--minutes $(MINUTES))

slow-network: ## Lose and delay frames for 30 minutes, or MINUTES=…: no failover
	@tests/setup lab
	@$(MAKE) --no-print-directory deb
	@tests/lab/slow-network $(DEB) --minutes $(MINUTES)

bench: ## Measure against the manual setup, in one run
	@tests/setup bench
	@$(MAKE) --no-print-directory deb
	@tests/bench/run $(DEB)

lab-down: ## Remove the lab, whatever its state
	@tests/lab/lab down

format: ## Format the C sources
	clang-format -i $(wildcard src/*/*.[ch] tests/*/*.[ch] tests/*/*/*.[ch])

clean: ## Remove the build directory
	rm -rf build

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 18

.PHONY: all install deb rpm check-unit check-golden golden-update check fuzz demo nemesis soak slow-network bench lab-down format clean help
.SECONDARY:
