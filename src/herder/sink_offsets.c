#include "herder/sink_offsets.h"

#include <stdlib.h>

#include "flow/clients.h"
#include "kafka/admin.h"

struct offsets_job {
    struct job job; /* first */
    struct herder_request *request;
    struct kc_props props; /* of the admin client */
    char *group;
    struct kc_json *list; /* what was found */
    struct kc_error *error;
};

static void add_offset(void *context, const char *topic, int32_t partition, int64_t offset)
{
    struct kc_json *item = kc_json_new_object(), *where = kc_json_new_object();
    struct kc_json *place = kc_json_new_object();
    kc_json_put_int(where, "kafka_partition", partition);
    kc_json_put_string(where, "kafka_topic", topic);
    kc_json_put_int(place, "kafka_offset", offset);
    kc_json_put(item, "partition", where);
    kc_json_put(item, "offset", place);
    kc_json_add(context, item);
}

static void get_run(struct job *job)
{
    struct offsets_job *get = (struct offsets_job *)job;
    struct admin *admin = NULL;
    get->error = admin_new(&get->props, &admin);
    if (!get->error)
        get->error = admin_group_offsets(admin, get->group, ADMIN_TIMEOUT_MS - 1000, add_offset, get->list);
    admin_free(admin);
}

static void get_done(struct job *job, bool in_time)
{
    struct offsets_job *get = (struct offsets_job *)job;
    if (!in_time) {
        herder_refuse(get->request, 500, "Request timed out");
    } else if (get->error) {
        herder_fail(get->request, 500, get->error);
        get->error = NULL;
    } else {
        struct kc_json *answer = kc_json_new_object();
        kc_json_put(answer, "offsets", get->list);
        get->list = NULL;
        herder_answer(get->request, 200, answer);
    }
}

static void job_free(struct job *job)
{
    struct offsets_job *offsets = (struct offsets_job *)job;
    kc_props_clear(&offsets->props);
    kc_json_free(offsets->list);
    kc_error_free(offsets->error);
    free(offsets->group);
    free(offsets);
}

void sink_offsets_get(struct herder *herder, const struct connector *connector,
                      struct herder_request *request)
{
    struct offsets_job *get = kc_calloc(1, sizeof *get);
    *get = (struct offsets_job){
        .job = { .run = get_run, .done = get_done, .free = job_free },
        .request = request,
        .group = clients_group(connector->name, herder->worker, &connector->props),
        .list = kc_json_new_array(),
    };
    clients_admin_props(connector->name, 0, herder->worker, &connector->props, &get->props);
    jobs_run(&herder->admin, &get->job, ADMIN_TIMEOUT_MS);
}

void sink_offsets_alter(struct herder *herder, const struct connector *connector,
                        struct herder_request *request)
{
    (void)herder;
    (void)connector;
    herder_refuse(request, 501, "Changing the offsets of a sink is not there yet; use kafka-consumer-groups "
                                "with the group of the connector");
}

void sink_offsets_reset(struct herder *herder, const struct connector *connector,
                        struct herder_request *request)
{
    sink_offsets_alter(herder, connector, request);
}
