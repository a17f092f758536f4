# cmonha-ui. `make help` lists the targets; README.md says what they are for.

VERSION := $(shell sed -n 's/^\#\# \([0-9.]*\).*/\1/p' NEWS.md 2>/dev/null | head -n 1)

prefix       ?= /usr
sbindir      ?= $(prefix)/sbin
libexecdir   ?= $(prefix)/libexec
datadir      ?= $(prefix)/share
mandir       ?= $(datadir)/man
unitdir      ?= /usr/lib/systemd/system
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
LIBS         = -lcurl -ljansson -lcrypt -lcrypto

LIBRARY_C  = $(filter-out $(CHECK_C) $(WATCH_C),$(wildcard src/base/*.c src/cluster/*.c src/plan/*.c \
             src/probe/*.c src/overview/*.c src/check/*.c src/watch/*.c src/apply/*.c))
TOOL_C     = $(wildcard src/ui/*.c)
CHECK_C    = src/check/main.c
WATCH_C    = src/watch/main.c
UNIT_C     = $(wildcard tests/unit/check_*.c)
FUZZ_C     = $(wildcard tests/fuzz/fuzz_*.c)
SUPPORT_C  = $(wildcard tests/unit/support/*.c)
HEADERS    = $(wildcard src/*/*.h tests/unit/*.h tests/unit/support/*.h)

object     = $(patsubst %.c,$(BUILD)/%.o,$(1))
LIBRARY    = $(BUILD)/libcmonha.a
SUPPORT    = $(BUILD)/libsupport.a
TOOL       = $(BUILD)/cmonha-ui
CHECK      = $(BUILD)/cmonhachk
WATCH      = $(BUILD)/cmonha-ui-watch
UNIT       = $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(UNIT_C))
FUZZERS    = $(patsubst tests/fuzz/%.c,build/fuzz/%,$(FUZZ_C))

ifneq ($(V),1)
Q = @
say = @printf '  %-6s %s\n' '$(1)' '$(2)';
endif

all: $(TOOL) $(CHECK) $(WATCH) ## Build the programs

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

$(WATCH): $(call object,$(WATCH_C)) $(SANITIZED) $(LIBRARY)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(OUR_LDFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

# Fixtures are a library too: a test program links only those that it uses.
$(SUPPORT): $(call object,$(SUPPORT_C))
	$(call say,AR,$@)
	$(Q)rm -f $@
	$(Q)ar rcs $@ $^

$(BUILD)/unit/%: $(BUILD)/tests/unit/%.o $(BUILD)/tests/unit/support/unit.o $(SUPPORT) $(LIBRARY)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(OUR_LDFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LIBS) -lssl $$(pkg-config --libs check)

# The commands are not in the library.
$(BUILD)/unit/check_arguments $(BUILD)/unit/check_context $(BUILD)/unit/check_cluster_status $(BUILD)/unit/check_frame: $(call object,$(filter-out src/ui/main.c,$(TOOL_C)))

build/fuzz/fuzz_%: build/fuzz/tests/fuzz/fuzz_%.o $(LIBRARY)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(OUR_LDFLAGS) -fsanitize=fuzzer $(LDFLAGS) -o $@ $^ $(LIBS)

-include $(shell find $(BUILD) -type f -name '*.d' 2>/dev/null)

install: all ## Install below DESTDIR (default: this machine)
	install -d $(DESTDIR)$(sbindir) $(DESTDIR)$(libexecdir) $(DESTDIR)$(datadir)/cmonha-ui/templates \
	        $(DESTDIR)$(unitdir) $(DESTDIR)$(tmpfilesdir) $(DESTDIR)$(sysusersdir) \
	        $(DESTDIR)$(firewalldir) $(DESTDIR)$(mandir)/man5 $(DESTDIR)$(mandir)/man7 \
	        $(DESTDIR)$(mandir)/man8
	install -m 0755 $(TOOL) $(CHECK) $(DESTDIR)$(sbindir)
	install -m 0755 $(WATCH) $(DESTDIR)$(libexecdir)
	install -m 0644 conf/templates/* $(DESTDIR)$(datadir)/cmonha-ui/templates
	install -m 0644 conf/cluster.conf.example conf/status.schema.json $(DESTDIR)$(datadir)/cmonha-ui
	install -m 0644 conf/units/* $(DESTDIR)$(unitdir)
	install -d $(DESTDIR)$(datadir)/cmonha-ui/monitoring
	install -m 0644 conf/monitoring/* $(DESTDIR)$(datadir)/cmonha-ui/monitoring
	install -d $(DESTDIR)$(unitdir)/multi-user.target.wants
	ln -sf ../cmonha-ui-setup.service ../cmonha-ui-recovery.service \
	        $(DESTDIR)$(unitdir)/multi-user.target.wants/
	install -m 0644 conf/tmpfiles.conf $(DESTDIR)$(tmpfilesdir)/cmonha-ui.conf
	install -m 0644 conf/sysusers.conf $(DESTDIR)$(sysusersdir)/cmonha-ui.conf
	install -m 0644 conf/firewalld.xml $(DESTDIR)$(firewalldir)/cmonha-ui.xml
	install -m 0644 conf/man/*.5 $(DESTDIR)$(mandir)/man5
	install -m 0644 conf/man/*.7 $(DESTDIR)$(mandir)/man7
	install -m 0644 conf/man/*.8 $(DESTDIR)$(mandir)/man8

# Of Enterprise Linux alone, whose policy it extends: the RPM package has it, the administrator loads it.
$(BUILD)/selinux/cmonha_ui.pp: conf/selinux/cmonha_ui.te conf/selinux/cmonha_ui.fc
	$(call say,SE,$@)
	$(Q)mkdir -p $(@D)
	$(Q)checkmodule -M -m -o $(@D)/cmonha_ui.mod $<
	$(Q)semodule_package -o $@ -m $(@D)/cmonha_ui.mod -f conf/selinux/cmonha_ui.fc

install-selinux: $(BUILD)/selinux/cmonha_ui.pp ## Compile and install the SELinux policy module, without loading it
	install -d $(DESTDIR)$(datadir)/selinux/packages
	install -m 0644 $< $(DESTDIR)$(datadir)/selinux/packages

# Packages are built from a copy of what is under version control, as it is now (without git: of what
# was not built), dated as the changelog is: the same sources make the same package anywhere.
PACKED = { git -c safe.directory='*' ls-files -z 2>/dev/null | grep -z . || \
         find . \( -path ./build -o -path ./.git -o -name __pycache__ \) -prune -o -type f -print0; } | \
         xargs -0 sh -c 'for f; do [ ! -e "$$f" ] || printf "%s\0" "$$f"; done' sh
NOT_PACKED = git -c safe.directory='*' ls-files -o --exclude-standard 2>/dev/null | sed 's/^/not packed, unknown to git: /' >&2
PACK_DATE = @$(shell date -d "$$(sed -n 's/^ -- .*>  //p' debian/changelog 2>/dev/null | head -n 1)" +%s)
PACK = $(PACKED) | LC_ALL=C tar -c --null --files-from=- --sort=name --mtime=$(PACK_DATE) \
       --owner=0 --group=0 --numeric-owner --mode=go=u-w --format=gnu --transform 's,^\(\./\)\?,cmonha-ui-$(VERSION)/,'

# SUITE=trixie: the package for that Debian suite, built in a clean root of it; the lab's nodes have that suite too.
SUITE ?=
ifneq ($(SUITE),)
export LAB_SUITE = $(SUITE)
endif
BUILD_PACKAGE = dpkg-buildpackage -us -uc -b $(DEB_OPTIONS)
DEB_DIR = $(BUILD)/deb$(SUITE:%=-%)
DEB = $(DEB_DIR)/cmonha-ui_$(VERSION)_$(shell dpkg --print-architecture 2>/dev/null).deb
deb: $(DEB) ## Build the Debian package into build/deb/. SUITE=trixie: in a root of that suite, into build/deb-trixie/
$(DEB): $(LIBRARY_C) $(TOOL_C) $(CHECK_C) $(WATCH_C) $(HEADERS) $(wildcard conf/* conf/*/* debian/* debian/*/*) Makefile NEWS.md
	$(Q)rm -rf $(DEB_DIR) && mkdir -p $(DEB_DIR)
	$(Q)$(NOT_PACKED)
	$(Q)$(PACK) | tar -x -p -C $(DEB_DIR)
	$(Q)$(if $(SUITE),SAN=$(SAN) tests/versions/build $(SUITE) $(DEB_DIR) cmonha-ui-$(VERSION) $(BUILD_PACKAGE), \
		cd $(DEB_DIR)/cmonha-ui-$(VERSION) && SAN=$(SAN) $(BUILD_PACKAGE))
	$(Q)rm -rf $(DEB_DIR)/cmonha-ui-$(VERSION)
	@echo $(DEB)

# On Enterprise Linux plain rpmbuild does; on Debian the macros that its rpm lacks are given, and what
# BuildRequires names is installed under Debian's names. An RPM built on Debian is for tests: it requires
# Debian's versions of the libraries. The source RPM is the same everywhere.
RPM_DIR = $(BUILD)/rpm
RPMBUILD = rpmbuild --define '_topdir $(CURDIR)/$(RPM_DIR)' $(if $(wildcard /etc/debian_version),--nodeps --load rpm/debian.macros)
$(RPM_DIR)/SPECS/cmonha-ui.spec:
	$(Q)rm -rf $(RPM_DIR)/SOURCES $(RPM_DIR)/SPECS && mkdir -p $(RPM_DIR)/SOURCES $(RPM_DIR)/SPECS
	$(Q)$(NOT_PACKED)
	$(Q)$(PACK) | gzip -n >$(RPM_DIR)/SOURCES/cmonha-ui-$(VERSION).tar.gz
	$(Q)sed 's/^\(Version: *\).*/\1$(VERSION)/' rpm/cmonha-ui.spec >$@

srpm: $(RPM_DIR)/SPECS/cmonha-ui.spec ## Build the source RPM into build/rpm/SRPMS/, for rpmbuild --rebuild or mock
	$(Q)rm -rf $(RPM_DIR)/SRPMS && $(RPMBUILD) -bs $<
	@ls $(RPM_DIR)/SRPMS/*.src.rpm

rpm: $(RPM_DIR)/SPECS/cmonha-ui.spec ## Build the RPM package into build/rpm/RPMS/
	$(Q)rm -rf $(RPM_DIR)/RPMS && $(RPMBUILD) -bb $<
	@ls $(RPM_DIR)/RPMS/*/*.rpm

REPO_URL ?= https://packages.example.net/cmonha-ui
repo: ## Signed apt and yum repositories in build/repo/. REPO_URL=https://… REPO_KEY=FINGERPRINT (else a test key) PACKAGES="…" (else built)
	@tests/setup repo
	@[ -n "$(PACKAGES)" ] || $(MAKE) --no-print-directory deb rpm
	$(Q)REPO_URL='$(REPO_URL)' REPO_KEY='$(REPO_KEY)' tests/repo/make build/repo $(or $(PACKAGES),$(DEB) $(RPM_DIR)/RPMS/*/*.rpm)
	@echo "build/repo is to be served at $(REPO_URL); see build/repo/INSTALL"

check-packages: ## lintian of two suites, rpmlint, reproducible, source RPM, dnf against the signed repository
	@tests/setup lab && tests/setup repo
	@$(MAKE) --no-print-directory deb rpm srpm
	@tests/repo/run $(DEB) $(RPM_DIR)/RPMS/*/*.rpm $(RPM_DIR)/SRPMS/*.src.rpm

check-debian: ## autopkgtest and piuparts in the lab's root, a cross build for arm64
	@tests/setup debian
	@$(MAKE) --no-print-directory deb
	$(Q)rm -rf build/source && mkdir -p build/source && $(PACK) | tar -x -C build/source
	@tests/repo/debian $(DEB) build/source/cmonha-ui-$(VERSION)

check-provisioning: ## The role of conf/provisioning/ansible, and its cloud-init.yaml at a first boot, on new machines
	@tests/setup provisioning
	@$(MAKE) --no-print-directory deb
	@tests/lab/end-to-end $(DEB) debconf ansible cloud-init

# The version before, for tests of the upgrade: from the history, which a shallow clone does not have.
OLD_COMMIT = 5da3f7d
OLD_DEB = build/old/cmonha-ui_0.1.0_$(shell dpkg --print-architecture 2>/dev/null).deb
deb-old: ## Build the package of version 0.1.0 into build/old/, from the history
	@if git cat-file -e '$(OLD_COMMIT)^{commit}' 2>/dev/null; then $(MAKE) --no-print-directory $(OLD_DEB); \
	else echo "deb-old: skipped, commit $(OLD_COMMIT) is not in this clone"; fi

$(OLD_DEB):
	$(Q)rm -rf build/old && mkdir -p build/old/cmonha-ui-0.1.0
	$(Q)git archive $(OLD_COMMIT) | tar -x -C build/old/cmonha-ui-0.1.0
	$(Q)cd build/old/cmonha-ui-0.1.0 && MAKEFLAGS= DEB_BUILD_OPTIONS=nocheck dpkg-buildpackage -us -uc -b
	$(Q)rm -rf build/old/cmonha-ui-0.1.0
	@echo $@

OLD_RPM = build/old-rpm/cmonha-ui-0.1.0-1.el9.$(shell uname -m).rpm
rpm-old: ## Build the RPM package of version 0.1.0 into build/old-rpm/, from the history
	@if git cat-file -e '$(OLD_COMMIT)^{commit}' 2>/dev/null; then $(MAKE) --no-print-directory $(OLD_RPM); \
	else echo "rpm-old: skipped, commit $(OLD_COMMIT) is not in this clone"; fi

$(OLD_RPM):
	$(Q)rm -rf build/old-rpm && mkdir -p build/old-rpm/cmonha-ui-0.1.0
	$(Q)git archive $(OLD_COMMIT) | tar -x -C build/old-rpm/cmonha-ui-0.1.0
	$(Q)MAKEFLAGS= $(MAKE) -C build/old-rpm/cmonha-ui-0.1.0 rpm >/dev/null 2>&1
	$(Q)mv build/old-rpm/cmonha-ui-0.1.0/build/rpm/RPMS/*/*.rpm build/old-rpm/ && rm -rf build/old-rpm/cmonha-ui-0.1.0
	@echo $@

check-monitoring: ## A real Prometheus in the lab: every alert fires at its fault and clears after it, with a table; status --watch in a failover
	@tests/setup lab
	@$(MAKE) --no-print-directory deb
	@tests/lab/end-to-end $(DEB) watch monitoring

check-el: ## The RPM package on three nodes like Enterprise Linux: by dnf from the signed repository to the erase
	@tests/setup lab && tests/setup repo
	@$(MAKE) --no-print-directory rpm rpm-old
	@tests/lab/end-to-end $(RPM_DIR)/RPMS/*/*.rpm

check-mixed: ## Three platforms in one cluster: this Debian, the next one, and a node like Enterprise Linux; old and new package
	@tests/setup lab && tests/setup repo
	@$(MAKE) --no-print-directory deb deb-old rpm
	@tests/lab/end-to-end $(DEB) $(RPM_DIR)/RPMS/*/*.rpm

# The fuzzers, which only "make fuzz" runs, must at least compile.
check-unit: $(UNIT) $(call object,$(FUZZ_C)) ## Run the unit tests: seconds, no root
	@tests/run-unit $(UNIT)

check-cli: $(TOOL) $(CHECK) ## Run the command line's tests: seconds, no root
	@tests/cli/run $(TOOL)

check-golden: $(TOOL) ## Compare rendered files with the stored ones; test them with haproxy and keepalived
	@tests/golden/run $(TOOL)

golden-update: $(TOOL) ## Store what is rendered now (then read git diff)
	@tests/golden/run --accept $(TOOL)

check-versions: $(TOOL) ## Golden files against HAProxy and keepalived of Debian 11 to testing, or of SUITE=…. FRESH=1: with new roots
	@tests/setup lab
	@FRESH=$(FRESH) tests/versions/run $(TOOL) $(SUITE)

check: ## Run every test; as root also the lab. Installs its dependencies by apt. SAN=1: with sanitizers. SUITE=trixie: package and lab of that suite alone
	@SUITE='$(SUITE)' tests/run-all

SECONDS ?= 60
fuzz: ## Fuzz every input for SECONDS (60) each. Installs clang by apt
	@tests/setup fuzz
	@$(MAKE) --no-print-directory FUZZ=1 $(FUZZERS)
	@tests/run-fuzz $(SECONDS) $(FUZZERS)

check-neighbours: ## Hostile clients, foreign origins, another HAProxy on the same ports, a busy host: in the lab
	@tests/setup lab
	@$(MAKE) --no-print-directory deb
	@tests/lab/end-to-end $(DEB) neighbours busy

check-browser: ## The pages in Chromium, and a UI that is open while the leader moves. Installs Chromium by apt
	@tests/setup browser
	@$(MAKE) --no-print-directory deb
	@tests/browser/run $(DEB) $(SCREENSHOTS)

screenshots: SCREENSHOTS = $(CURDIR)/tests/browser
screenshots: check-browser ## The same, and the pages are photographed into tests/browser/

demo: ## Live demo: three nodes, a client, failures with times. KEEP=1 leaves the nodes up
	@tests/setup lab
	@$(MAKE) --no-print-directory deb
	@KEEP=$(KEEP) tests/lab/demo $(DEB)

EVERY ?= 1
faults: ## Make each kind of system call of apply and remove fail once, and be the last one once; EVERY=N: each Nth
	@tests/setup lab
	@$(MAKE) --no-print-directory deb
	@tests/lab/faults $(DEB) --every $(EVERY)

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
	@clang-format -i $(wildcard src/*/*.[ch] tests/*/*.[ch] tests/*/*/*.[ch])

clean: ## Remove the build directory
	rm -rf build

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 18

.PHONY: $(RPM_DIR)/SPECS/cmonha-ui.spec all install install-selinux deb deb-old srpm rpm rpm-old repo check-packages check-debian check-provisioning check-monitoring check-el check-mixed check-neighbours check-unit check-cli check-golden golden-update check-versions check-browser screenshots check fuzz demo faults nemesis soak slow-network bench lab-down format clean help
.SECONDARY:
