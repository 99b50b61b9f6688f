# Fuzz targets: one for each place that reads bytes of others. tests/fuzz/corpus/NAME holds inputs to
# begin with. Configured with --enable-fuzzing CC=clang they are built for libFuzzer: `make fuzz` runs
# them for FUZZ_SECONDS (600) each, ./check fuzz for 5. In any other build they replay those inputs,
# as unit tests.
FUZZ_TARGETS = \
	tests/fuzz/fuzz_http \
	tests/fuzz/fuzz_java_array \
	tests/fuzz/fuzz_literal \
	tests/fuzz/fuzz_offset_file \
	tests/fuzz/fuzz_plain_json \
	tests/fuzz/fuzz_props \
	tests/fuzz/fuzz_record_json \
	tests/fuzz/fuzz_signal
if WITH_POSTGRES
FUZZ_TARGETS += tests/fuzz/fuzz_pg_values tests/fuzz/fuzz_pgoutput
endif
if FUZZING
noinst_PROGRAMS += $(FUZZ_TARGETS)
FUZZ_MAIN = tests/fuzz/fuzz.h
FUZZ_LINK = $(AM_LDFLAGS) -fsanitize=fuzzer
else
UNIT_TESTS += $(FUZZ_TARGETS)
FUZZ_MAIN = tests/fuzz/fuzz.h tests/fuzz/replay.c
FUZZ_LINK = $(AM_LDFLAGS)
endif

tests_fuzz_fuzz_props_SOURCES = tests/fuzz/fuzz_props.c $(FUZZ_MAIN)
tests_fuzz_fuzz_props_LDADD = libconfig.a libbase.a $(BASE_LIBS)
tests_fuzz_fuzz_props_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_plain_json_SOURCES = tests/fuzz/fuzz_plain_json.c $(FUZZ_MAIN)
tests_fuzz_fuzz_plain_json_LDADD = libdata.a libbase.a $(BASE_LIBS)
tests_fuzz_fuzz_plain_json_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_java_array_SOURCES = tests/fuzz/fuzz_java_array.c $(FUZZ_MAIN)
tests_fuzz_fuzz_java_array_LDADD = libsources.a libdata.a libbase.a $(BASE_LIBS)
tests_fuzz_fuzz_java_array_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_signal_SOURCES = tests/fuzz/fuzz_signal.c $(FUZZ_MAIN)
tests_fuzz_fuzz_signal_LDADD = libsources.a $(BOTTOM_LIBS) $(BASE_LIBS)
tests_fuzz_fuzz_signal_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_offset_file_SOURCES = tests/fuzz/fuzz_offset_file.c $(FUZZ_MAIN)
tests_fuzz_fuzz_offset_file_LDADD = libstore.a libbase.a $(BASE_LIBS)
tests_fuzz_fuzz_offset_file_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_literal_SOURCES = tests/fuzz/fuzz_literal.c $(FUZZ_MAIN)
tests_fuzz_fuzz_literal_LDADD = libdata.a libbase.a $(BASE_LIBS)
tests_fuzz_fuzz_literal_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_http_SOURCES = tests/fuzz/fuzz_http.c $(FUZZ_MAIN)
tests_fuzz_fuzz_http_LDADD = librest.a libherder.a libworker.a libflow.a libstore.a libkafka.a \
	$(BOTTOM_LIBS) $(RDKAFKA_LIBS) $(MICROHTTPD_LIBS) $(BASE_LIBS)
tests_fuzz_fuzz_http_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_record_json_SOURCES = tests/fuzz/fuzz_record_json.c $(FUZZ_MAIN)
tests_fuzz_fuzz_record_json_LDADD = libschemas.a $(BOTTOM_LIBS) $(BASE_LIBS)
tests_fuzz_fuzz_record_json_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_pg_values_SOURCES = tests/fuzz/fuzz_pg_values.c $(FUZZ_MAIN)
tests_fuzz_fuzz_pg_values_LDADD = libpostgres_source.a libsources.a $(BOTTOM_LIBS) $(BASE_LIBS)
tests_fuzz_fuzz_pg_values_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_pgoutput_SOURCES = tests/fuzz/fuzz_pgoutput.c $(FUZZ_MAIN)
tests_fuzz_fuzz_pgoutput_LDADD = libpostgres_source.a $(BOTTOM_LIBS) $(BASE_LIBS)
tests_fuzz_fuzz_pgoutput_LDFLAGS = $(FUZZ_LINK)

fuzz:
	cd $(srcdir) && FUZZ_SECONDS=$${FUZZ_SECONDS:-600} ./check fuzz
.PHONY: fuzz
