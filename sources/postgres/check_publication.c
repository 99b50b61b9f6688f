/* Checks of the publication against the settings. */
#include "sources/postgres/check.h"

#include <stdlib.h>

static bool is_filtered(const struct probe *probe)
{
    return probe->config->publication_mode == PUBLICATION_FILTERED;
}

static void check_there(struct probe *probe)
{
    probe_say(probe, KC_OK, "publication.name", "Publication \"%s\" is there.",
              probe->config->publication);
}

/* The rights that making one takes. */
static void check_making(struct probe *probe)
{
    const struct pg_config *config = probe->config;
    if (config->publication_mode == PUBLICATION_DISABLED)
        probe_say(
            probe, KC_ERROR, "publication.name",
            "Publication \"%s\" is not there, and publication.autocreate.mode is disabled. Run: "
            "CREATE PUBLICATION \"%s\" FOR TABLE ...;",
            config->publication, config->publication);
    else if (config->publication_mode == PUBLICATION_ALL_TABLES && !probe->superuser)
        probe_say(probe, KC_ERROR, "publication.autocreate.mode",
                  "Only a superuser can make a publication for all tables. Set "
                  "publication.autocreate.mode to filtered (the user must own the tables), or have "
                  "a superuser run: CREATE PUBLICATION \"%s\" FOR ALL TABLES;",
                  config->publication);
    else if (!probe->may_create)
        probe_say(probe, KC_ERROR, "publication.autocreate.mode",
                  "The user may not make publications in this database. Run: GRANT CREATE ON DATABASE "
                  "\"%s\" TO \"%s\";",
                  config->dbname, config->user);
    else if (is_filtered(probe) && !probe->n_captured)
        probe_say(probe, KC_ERROR, "table.include.list",
                  "publication.autocreate.mode=filtered makes a publication of the captured tables, "
                  "but there are none.");
    else
        probe_say(probe, KC_OK, "publication.name", "Publication \"%s\" will be made.",
                  config->publication);
}

static void check_narrowing(struct probe *probe)
{
    const struct pg_config *config = probe->config;
    if (!is_filtered(probe))
        return;
    if (link_true(probe->publication, 0, PUBLICATION_ALL))
        probe_say(probe, KC_ERROR, "publication.autocreate.mode",
                  "Publication \"%s\" is for all tables and can't be narrowed. Use another "
                  "publication.name, or publication.autocreate.mode=all_tables.",
                  config->publication);
    else if (!link_true(probe->publication, 0, PUBLICATION_OWNED))
        probe_say(probe, KC_ERROR, "publication.autocreate.mode",
                  "publication.autocreate.mode=filtered sets the tables of publication \"%s\", which "
                  "the user does not own. Run: ALTER PUBLICATION \"%s\" OWNER TO \"%s\"; or set the "
                  "mode to disabled.",
                  config->publication, config->publication, config->user);
}

static void check_operations(struct probe *probe)
{
    static const struct {
        const char *operation, *letters;
    } operations[] = {{"INSERT", "cC"}, {"UPDATE", "uU"}, {"DELETE", "dD"}, {"TRUNCATE", "tT"}};
    const char *skipped =
        probe->config->skipped_operations ? probe->config->skipped_operations : "t";
    for (int i = 0; i < (int)KC_COUNT(operations); i++)
        if (!link_true(probe->publication, 0, PUBLICATION_INSERT + i) &&
            !strpbrk(skipped, operations[i].letters))
            probe_say(
                probe, KC_WARN, "publication.name",
                "Publication \"%s\" leaves out %s. Run: ALTER PUBLICATION \"%s\" SET (publish = "
                "'insert, update, delete, truncate');",
                probe->config->publication, operations[i].operation, probe->config->publication);
}

static void check_root(struct probe *probe)
{
    bool root = link_true(probe->publication, 0, PUBLICATION_ROOT);
    if (root != probe->config->via_root)
        probe_say(probe, KC_WARN, "publish.via.partition.root",
                  "Publication \"%s\" has publish_via_partition_root = %s, and that counts, not the "
                  "setting: changes of partitions come as those of %s.",
                  probe->config->publication, root ? "true" : "false",
                  root ? "their root table" : "the partitions");
}

const struct check_row check_publication_rows[] = {
    {"The publication", STREAM | NO_PUBLICATION, 0, check_making},
    {"The publication", STREAM | PUBLICATION, 0, check_there},
    {"The publication", STREAM | PUBLICATION, 0, check_narrowing},
    {"The publication's operations", STREAM | PUBLICATION, 110000, check_operations},
    {"The publication's partitions", STREAM | PUBLICATION, 130000, check_root},
    {.look = NULL},
};
