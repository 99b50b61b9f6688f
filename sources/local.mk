noinst_LIBRARIES += libsources.a
libsources_a_SOURCES = \
	sources/file.c \
	sources/tick.c \
	sources/common/agenda.c sources/common/agenda.h \
	sources/common/blocking.c sources/common/blocking.h \
	sources/common/channels.c sources/common/channels.h \
	sources/common/digest.c sources/common/digest.h \
	sources/common/envelope.c sources/common/envelope.h \
	sources/common/filter.c sources/common/filter.h \
	sources/common/heartbeat.c sources/common/heartbeat.h \
	sources/common/java_array.c sources/common/java_array.h \
	sources/common/java_stream.c sources/common/java_stream.h \
	sources/common/key_columns.c sources/common/key_columns.h \
	sources/common/mapper.c sources/common/mapper.h \
	sources/common/notifications.c sources/common/notifications.h \
	sources/common/reselect.c sources/common/reselect.h \
	sources/common/settings.c sources/common/settings.h \
	sources/common/signals.c sources/common/signals.h \
	sources/common/table.c sources/common/table.h \
	sources/common/table_id.c sources/common/table_id.h \
	sources/common/topic_name.c sources/common/topic_name.h \
	sources/common/topic_strategy.c sources/common/topic_strategy.h \
	sources/common/transactions.c sources/common/transactions.h \
	sources/common/window.c sources/common/window.h
libsources_a_CFLAGS = $(AM_CFLAGS)

if WITH_POSTGRES
noinst_LIBRARIES += libpostgres_source.a
libpostgres_source_a_SOURCES = \
	sources/postgres/address.c sources/postgres/address.h \
	sources/postgres/block.c sources/postgres/block.h \
	sources/postgres/blocking.c sources/postgres/blocking.h \
	sources/postgres/captures.c sources/postgres/captures.h \
	sources/postgres/catalog.c sources/postgres/catalog.h \
	sources/postgres/check.c sources/postgres/check.h sources/postgres/check_publication.c \
	sources/postgres/check_server.c sources/postgres/check_slot.c sources/postgres/check_tables.c \
	sources/postgres/chunk.c sources/postgres/chunk.h \
	sources/postgres/config.h sources/postgres/options.c \
	sources/postgres/enums.c sources/postgres/enums.h \
	sources/postgres/copyline.c sources/postgres/copyline.h \
	sources/postgres/forms_array.c sources/postgres/forms_extension.c \
	sources/postgres/forms_hstore.c sources/postgres/forms_interval.c \
	sources/postgres/forms_number.c sources/postgres/forms_shape.c \
	sources/postgres/forms_structured.c sources/postgres/forms_text.c \
	sources/postgres/forms_time.c \
	sources/postgres/identity.c sources/postgres/identity.h \
	sources/postgres/incremental.c sources/postgres/incremental.h \
	sources/postgres/increment_chunk.c sources/postgres/increment_chunk.h \
	sources/postgres/increment_notify.c sources/postgres/increment_notify.h \
	sources/postgres/increment_rows.c sources/postgres/increment_rows.h \
	sources/postgres/lag.c sources/postgres/lag.h \
	sources/postgres/link.c sources/postgres/link.h \
	sources/postgres/listed.c sources/postgres/listed.h \
	sources/postgres/measure.c sources/postgres/measure.h \
	sources/postgres/messages.c sources/postgres/messages.h \
	sources/postgres/pgoutput.c sources/postgres/pgoutput.h \
	sources/postgres/pieces.c sources/postgres/pieces.h \
	sources/postgres/progress.h \
	sources/postgres/reader.c sources/postgres/reader.h \
	sources/postgres/ranges.c sources/postgres/ranges.h \
	sources/postgres/lane.c sources/postgres/lane.h \
	sources/postgres/recent.c sources/postgres/recent.h \
	sources/postgres/resumable.c sources/postgres/resumable.h \
	sources/postgres/interleave.c sources/postgres/start_resumable.c \
	sources/postgres/visible.c sources/postgres/visible.h \
	sources/postgres/position.c sources/postgres/position.h \
	sources/postgres/postgres.c sources/postgres/source.h sources/postgres/start.c \
	sources/postgres/publication.c sources/postgres/publication.h \
	sources/postgres/publication_watch.c sources/postgres/publication_watch.h \
	sources/postgres/relation.c sources/postgres/relation.h \
	sources/postgres/reselect.c sources/postgres/reselect.h \
	sources/postgres/row.c \
	sources/postgres/signals.c sources/postgres/signals.h \
	sources/postgres/slot_state.c sources/postgres/slot_state.h \
	sources/postgres/slot_wait.c sources/postgres/slot_wait.h \
	sources/postgres/slot_watch.c sources/postgres/slot_watch.h \
	sources/postgres/slot.c sources/postgres/slot.h \
	sources/postgres/snapshot.c sources/postgres/snapshot.h \
	sources/postgres/stream.c sources/postgres/stream.h \
	sources/postgres/times.c sources/postgres/times.h \
	sources/postgres/types.c sources/postgres/types.h \
	sources/postgres/types_default.c sources/postgres/types_source.c \
	sources/postgres/wal.c sources/postgres/wal.h
libpostgres_source_a_CFLAGS = $(AM_CFLAGS) $(LIBPQ_CFLAGS)
PLUGIN_LIBS += libpostgres_source.a
PLUGIN_SYSTEM_LIBS += $(LIBPQ_LIBS)
endif
PLUGIN_LIBS += libsources.a

# The teaching source as a shared object for plugin.path. -Bsymbolic: its own symbols come before
# those of the program, which may have the same plug-in built in.
examples/tick.so: sources/tick.c $(HEADERS)
	@$(MKDIR_P) examples
	$(AM_V_CC)$(CC) -DKC_SHARED_OBJECT $(AM_CPPFLAGS) $(CPPFLAGS) $(AM_CFLAGS) $(CFLAGS) -fPIC -shared -Wl,-Bsymbolic $(LDFLAGS) -o $@ $(srcdir)/sources/tick.c
CLEANFILES += examples/tick.so
