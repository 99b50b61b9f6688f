#include "flow/chain.h"

#include <stdlib.h>

#include "flow/instance.h"

struct chain_step {
    struct instance instance;
};

static struct kc_error *open_step(const struct flow *flow, const char *alias,
                                  struct chain_step *step)
{
    struct kc_props props = { .map.count = 0 };
    char *prefix = kc_printf("transforms.%s.", alias);
    char *what = kc_printf("transforms.%s.type", alias);

    kc_props_with_prefix(flow->props, prefix, &props);
    const char *class_name = kc_props_get(&props, "type");
    struct kc_error *err = class_name
        ? instance_new(KC_TRANSFORM, class_name, &props, what, &step->instance)
        : kc_fail(KC_BAD_CONFIG, "Missing required configuration \"%s\" which has no default value.", what);
    kc_props_clear(&props);
    free(prefix);
    free(what);
    if (err)
        return err;
    struct kc_transform *transform = step->instance.state;
    transform->plugin = step->instance.plugin;
    transform->config = step->instance.config;
    transform->which = step->instance.which;
    const struct kc_transform_ops *ops = transform->plugin->transform;
    err = ops->open ? ops->open(transform) : NULL;
    return err ? kc_while(err, "starting the transform %s", alias) : NULL;
}

struct kc_error *chain_init(struct chain *chain, const struct flow *flow)
{
    const struct kc_list *aliases = &flow->config.transforms;

    chain->steps = kc_calloc(aliases->len ? aliases->len : 1, sizeof(*chain->steps));
    for (size_t i = 0; i < aliases->len; i++) {
        chain->n_steps = i + 1;
        struct kc_error *err = open_step(flow, aliases->items[i], &chain->steps[i]);
        if (err)
            return err;
    }
    return NULL;
}

void chain_clear(struct chain *chain)
{
    for (size_t i = 0; i < chain->n_steps; i++) {
        struct instance *instance = &chain->steps[i].instance;
        if (instance->state && instance->plugin->transform->close)
            instance->plugin->transform->close(instance->state);
        instance_clear(instance);
    }
    free(chain->steps);
    *chain = (struct chain){ .steps = NULL };
}

static void apply(struct chain_step *step, struct tolerance *tolerance, struct kc_record *record,
                  struct kc_arena *arena)
{
    const struct instance *instance = &step->instance;
    struct kc_error *err;

    for (;;) {
        err = instance->plugin->transform->apply(instance->state, record, arena);
        if (!err || err->fault != KC_RETRY || !tolerance_retry(tolerance, err))
            break;
    }
    tolerance_done(tolerance);
    if (err)
        tolerance_mark(tolerance, record, STAGE_TRANSFORMATION,
                       instance->plugin->java_classes[instance->which], err);
}

struct kc_error *chain_apply_batch(struct chain *chain, struct tolerance *tolerance,
                                   struct kc_batch *batch)
{
    if (chain->n_steps == 0)
        return NULL;
    for (struct kc_record *r = batch->first; r; r = r->next)
        for (size_t i = 0; i < chain->n_steps && !r->dropped && !r->fault; i++)
            apply(&chain->steps[i], tolerance, r, &batch->arena);
    return tolerance_sweep(tolerance, batch);
}
