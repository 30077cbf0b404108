# scenario: the flows in virtual time, with the fake store and SMSCs: one story for each file. SCN=name: one of them.
# Those in wrong/ must fail: each says why.
SCENARIO_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard tests/scenario/*.c)) \
	$(patsubst %,$(B)/tests/fakes/%.o,clock loop smpp store store_calls store_model store_outcome store_redirects)
SCENARIO_BIN := $(B)/tests/scenario/scenario
$(SCENARIO_BIN): $(SCENARIO_OBJ) $(LIB)
	$(call say,LINK)
	$(Q)$(CC) $(DAEMON_LDFLAGS) $(LDFLAGS) -Wl,--wrap=secret_random_u32 -Wl,--wrap=api_options_read -o $@ $(SCENARIO_OBJ) $(LIB) $(LIBS)
.PHONY: scenario
scenario: $(SCENARIO_BIN)
	@timeout 120 $< $(wildcard tests/scenario/$(if $(SCN),$(SCN),*).scn)
	@for story in $(if $(SCN),,$(wildcard tests/scenario/wrong/*.scn)); do \
		! $< $$story > /dev/null 2>&1 || { echo "$$story: must fail, and does not" >&2; exit 1; }; done
