# check-nomem: every allocation of the daemon fails once. OTPGWD_FULL=1 walks each, otherwise a dozen of each step.
.PHONY: check-nomem
check-nomem: all $(B)/tests/nomem/nomem.so
	@ASAN_OPTIONS=$(ASAN_OPTIONS):verify_asan_link_order=0 $(PYTEST) tests/nomem

# Libraries to preload: without the hardening and the sanitizers of what they are loaded into.
$(B)/tests/%.so: tests/%.c
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(CC) -std=c11 -D_GNU_SOURCE $(WARN) -O1 -g -fPIC -shared -o $@ $< -lgcc_s
