noinst_LIBRARIES += libsinks.a
libsinks_a_SOURCES = \
	sinks/file.c \
	sinks/jdbc.c \
	sinks/common/check.c sinks/common/check.h \
	sinks/common/config.c sinks/common/config.h \
	sinks/common/ddl.c sinks/common/ddl.h \
	sinks/common/driver.h \
	sinks/common/evolve.c sinks/common/evolve.h \
	sinks/common/interpret.c \
	sinks/common/layout.c sinks/common/layout.h \
	sinks/common/semantic.c sinks/common/semantic.h \
	sinks/common/slots.c sinks/common/slots.h \
	sinks/common/table.c sinks/common/table.h \
	sinks/common/url.c sinks/common/url.h \
	sinks/common/writer.c sinks/common/writer.h
libsinks_a_CPPFLAGS = $(AM_CPPFLAGS)
PLUGIN_LIBS += libsinks.a
if WITH_POSTGRES
libsinks_a_SOURCES += \
	sinks/postgres/bind.c sinks/postgres/bind.h \
	sinks/postgres/catalog.c sinks/postgres/catalog.h \
	sinks/postgres/connect.c sinks/postgres/connect.h \
	sinks/postgres/ddl_types.c \
	sinks/postgres/driver.c sinks/postgres/driver.h \
	sinks/postgres/params.c sinks/postgres/params.h \
	sinks/postgres/preflight.c sinks/postgres/preflight.h \
	sinks/postgres/send.c sinks/postgres/send.h \
	sinks/postgres/settle.c \
	sinks/postgres/text.c sinks/postgres/text.h \
	sinks/postgres/unnest.c sinks/postgres/unnest.h
libsinks_a_CPPFLAGS += -DPENSTOCK_WITH_POSTGRES $(LIBPQ_CFLAGS)
PLUGIN_SYSTEM_LIBS += $(LIBPQ_LIBS)
endif
