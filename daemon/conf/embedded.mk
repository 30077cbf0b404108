# The sentences that are shipped, as bytes: conf/sentences.conf.
$(B)/daemon/conf/sentences.o: $(B)/gen/sentences_conf.h
$(B)/gen/sentences_conf.h: conf/sentences.conf
	@mkdir -p $(@D)
	$(Q){ echo 'static const unsigned char sentences_conf[] = {'; od -An -v -tu1 $< | sed 's/  *\([0-9][0-9]*\)/\1,/g'; \
		echo '0 };'; } > $@.new && mv $@.new $@
