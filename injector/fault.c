#include "injector/fault.h"

#include "injector/resolver.h"

#define FAULT(name) extern const struct fault_ops fault_##name;
#include "injector/faults.def"
#undef FAULT

static const struct plugin *const faults[] = {
#define FAULT(name) &fault_##name.about,
#include "injector/faults.def"
#undef FAULT
    NULL,
};

struct catalogue fault_catalogue(void)
{
    return (struct catalogue){"fault", faults};
}

const struct fault_ops *fault_of(const struct plugin *plugin)
{
    return CONTAINER_OF(plugin, const struct fault_ops, about);
}

static enum err_code find_any(const struct fault_ops *fault, const void *config,
                              const struct fault_targets *targets, struct err *err)
{
    struct link_set links;
    uint32_t nodes;
    return fault->links ? fault->links(config, targets, &links, err)
                        : fault->nodes(config, targets, &nodes, err);
}

enum err_code fault_possible(const struct plugin *plugin, const void *config,
                             const struct topology *topology, const struct system_spec *system,
                             struct err *err)
{
    enum err_code code = ERR_INVALID;
    for (uint32_t leader = 0; leader < topology->node_count; leader++) {
        struct resolver r;
        resolver_pretend(&r, topology, system, leader);
        code = find_any(fault_of(plugin), config, &r.targets, err);
        resolver_done(&r);
        if (!code)
            break;
    }
    return code;
}
