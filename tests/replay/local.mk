# Replays recorded cases; run it by tests/golden.
noinst_PROGRAMS += tests/replay/golden
tests_replay_golden_SOURCES = \
	tests/replay/avro.c \
	tests/replay/avro_data.c \
	tests/replay/converters.c \
	tests/replay/golden.c \
	tests/replay/kinds.c \
	tests/replay/match.c \
	tests/replay/replay.h \
	tests/replay/shape.c \
	tests/replay/transforms.c \
	tests/replay/values.c
tests_replay_golden_LDADD = $(PENSTOCK_LIBS) $(PLUGIN_SYSTEM_LIBS) $(BASE_LIBS)
