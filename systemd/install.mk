# install, as Debian expects it; an edited configuration is never overwritten. As root nothing is built and nothing is written
# into the build folder: "make" as yourself, then "sudo make install".
D := $(DESTDIR)
INSTALLED := $(PREFIX)/sbin/otpgwd \
	$(addprefix $(UNITDIR)/,otpgwd.service otpgwd.socket otpgwd-stats.socket) \
	$(PREFIX)/lib/sysusers.d/otpgwd.conf $(PREFIX)/lib/tmpfiles.d/otpgwd.conf \
	$(PREFIX)/share/man/man5/otpgwd.conf.5 $(PREFIX)/share/man/man8/otpgwd.8 \
	$(addprefix $(PREFIX)/share/man/man7/,otpgwd-protocol.7 otpgwd-cookbook.7)
DOCS := README.md CHANGELOG.md LICENSE conf/sentences.conf
PLANS := $(PREFIX)/share/otpgwd/numbering
.PHONY: built
built:
	@test -x $(BIN) || { echo 'otpgwd: $(BIN) is not there; run "make" first, as yourself' >&2; exit 1; }
install: $(if $(filter 0,$(shell id -u)),built,$(BIN))
	install -D -m 0755 $(BIN) $(D)$(PREFIX)/sbin/otpgwd
	install -d -m 0750 $(D)$(SYSCONFDIR)/otpgwd
	install -d -m 0700 $(D)$(SYSCONFDIR)/otpgwd/credentials
	test -e $(D)$(SYSCONFDIR)/otpgwd/otpgwd.conf || \
		sed $(if $(filter /usr,$(PREFIX)),'','s|# directory = "/usr/share/otpgwd/numbering"|directory = "$(PLANS)"|') conf/otpgwd.conf | \
		install -m 0640 /dev/stdin $(D)$(SYSCONFDIR)/otpgwd/otpgwd.conf
	test -e $(D)$(SYSCONFDIR)/redis/redis-otpgwd.conf || \
		install -D -m 0644 conf/redis-otpgwd.conf $(D)$(SYSCONFDIR)/redis/redis-otpgwd.conf
	install -d $(D)$(UNITDIR) $(D)$(PREFIX)/share/doc/otpgwd
	sed 's|/usr/sbin/|$(PREFIX)/sbin/|g' systemd/otpgwd.service | install -m 0644 /dev/stdin $(D)$(UNITDIR)/otpgwd.service
	install -m 0644 systemd/otpgwd.socket systemd/otpgwd-stats.socket $(D)$(UNITDIR)/
	install -D -m 0644 systemd/addresses.conf $(D)$(UNITDIR)/otpgwd.service.d/addresses.conf
	install -D -m 0644 systemd/sysusers.d/otpgwd.conf $(D)$(PREFIX)/lib/sysusers.d/otpgwd.conf
	install -D -m 0644 systemd/tmpfiles.d/otpgwd.conf $(D)$(PREFIX)/lib/tmpfiles.d/otpgwd.conf
	for page in man/*.[1-8]; do \
		install -D -m 0644 $$page $(D)$(PREFIX)/share/man/man$${page##*.}/$${page##*/} || exit 1; \
	done
	install -m 0644 $(DOCS) $(D)$(PREFIX)/share/doc/otpgwd/
	install -d $(D)$(PLANS)
	install -m 0644 conf/numbering/??.conf $(D)$(PLANS)/

# The configuration, its keys and the data of Redis stay: they are the operator's.
uninstall:
	rm -f $(addprefix $(D),$(INSTALLED))
	rm -rf $(D)$(PREFIX)/share/doc/otpgwd $(D)$(UNITDIR)/otpgwd.service.d/addresses.conf
	rm -f $(D)$(PLANS)/??.conf
	rmdir --ignore-fail-on-non-empty $(D)$(UNITDIR)/otpgwd.service.d $(D)$(PLANS) $(D)$(dir $(PLANS))
