# Fuzz targets, built when configured with --enable-fuzzing CC=clang. tests/fuzz/corpus/NAME holds
# inputs to begin with. `make fuzz` runs them for FUZZ_SECONDS (600) each, ./check fuzz for 5.
if FUZZING
FUZZ_TARGETS = tests/fuzz/fuzz_props tests/fuzz/fuzz_plain_json tests/fuzz/fuzz_offset_file \
	tests/fuzz/fuzz_http
noinst_PROGRAMS += $(FUZZ_TARGETS)
endif

tests_fuzz_fuzz_props_SOURCES = tests/fuzz/fuzz_props.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_props_LDADD = libconfig.a libbase.a $(BASE_LIBS)
tests_fuzz_fuzz_props_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_plain_json_SOURCES = tests/fuzz/fuzz_plain_json.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_plain_json_LDADD = libdata.a libbase.a $(BASE_LIBS)
tests_fuzz_fuzz_plain_json_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_offset_file_SOURCES = tests/fuzz/fuzz_offset_file.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_offset_file_LDADD = libstore.a libbase.a $(BASE_LIBS)
tests_fuzz_fuzz_offset_file_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_http_SOURCES = tests/fuzz/fuzz_http.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_http_LDADD = librest.a libherder.a libworker.a libflow.a libstore.a libkafka.a \
	$(BOTTOM_LIBS) $(RDKAFKA_LIBS) $(MICROHTTPD_LIBS) $(BASE_LIBS)
tests_fuzz_fuzz_http_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer

fuzz:
	cd $(srcdir) && FUZZ_SECONDS=$${FUZZ_SECONDS:-600} ./check fuzz
.PHONY: fuzz
