noinst_LIBRARIES += libherder.a
libherder_a_SOURCES = \
	src/herder/client_rows.c src/herder/client_rows.h \
	src/herder/cluster.c \
	src/herder/configs.c \
	src/herder/herder.c src/herder/herder.h \
	src/herder/internal.h \
	src/herder/jobs.c src/herder/jobs.h \
	src/herder/offset_requests.c \
	src/herder/show.c src/herder/signals.c \
	src/herder/sink_offsets.c src/herder/sink_offsets.h \
	src/herder/states.c \
	src/herder/tasks.c \
	src/herder/validation.c src/herder/validation.h \
	src/herder/validation_show.c \
	src/herder/versions.c src/herder/versions.h
