# check-nomem: every allocation of the daemon fails once. OTPGWD_FULL=1 walks each, otherwise a dozen of each step.
NOMEM_LIB := $(B)/tests/nomem/nomem.so
.PHONY: check-nomem
check-nomem: all $(NOMEM_LIB)
	@ASAN_OPTIONS=$(ASAN_OPTIONS):verify_asan_link_order=0 $(PYTEST) tests/nomem

# A library to preload: without the hardening and the sanitizers of what it is loaded into.
$(NOMEM_LIB): tests/nomem/nomem.c
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(CC) -std=c11 -D_GNU_SOURCE $(WARN) -O1 -g -fPIC -shared -fvisibility=hidden -o $@ $< -lgcc_s
