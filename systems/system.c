#include "systems/system.h"

#define SYSTEM(name) extern const struct system_ops system_##name;
#include "systems/systems.def"
#undef SYSTEM

static const struct plugin *const plugins[] = {
#define SYSTEM(name) &system_##name.about,
#include "systems/systems.def"
#undef SYSTEM
    NULL};

struct catalogue system_catalogue(void)
{
    return (struct catalogue){.kind = "system", .all = plugins};
}

const struct system_ops *system_of(const struct plugin *plugin)
{
    return CONTAINER_OF(plugin, const struct system_ops, about);
}
