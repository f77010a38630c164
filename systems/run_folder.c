#include "systems/run_folder.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static enum err_code make_folder(const char *path, struct err *err)
{
    if (!path)
        return err_set(err, ERR_NOMEM, "the nodes' folders");
    if (mkdir(path, 0777) == 0 || errno == EEXIST)
        return ERR_OK;
    return err_set(err, ERR_IO, "cannot make folder '%s': %s", path, strerror(errno));
}

char *run_folder_data(const struct system_setup *setup, uint32_t node, struct arena *arena)
{
    return arena_format(arena, "%s/nodes/%s", setup->folder, setup->places[node]->name);
}

char *run_folder_log(const struct system_setup *setup, const char *name, struct arena *arena)
{
    return arena_format(arena, "%s/nodes/%s.log", setup->folder, name);
}

enum err_code run_folder_make(const struct system_setup *setup, struct err *err)
{
    struct arena paths = {0};
    enum err_code code = make_folder(arena_format(&paths, "%s/nodes", setup->folder), err);
    for (uint32_t node = 0; !code && node < setup->topology->node_count; node++)
        code = make_folder(run_folder_data(setup, node, &paths), err);
    arena_done(&paths);
    return code;
}
