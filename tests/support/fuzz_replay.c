/* SPDX-License-Identifier: Apache-2.0
 * The main of a fuzz target outside the fuzz preset: runs it once on each file of a folder.
 * A folder without files is a failure: a replay of nothing proves nothing. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "support/fuzz.h"

enum { INPUT_BYTES_MAX = 1 << 20 };

static int not_hidden(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* Gives the target memory of exactly the input's size, so that a sanitizer sees each read past its
 * end. */
static int replay_file(const char *folder, const char *name)
{
    char path[4096];
    int len = snprintf(path, sizeof path, "%s/%s", folder, name);
    if (len < 0 || (size_t)len >= sizeof path)
        return 1;
    FILE *file = fopen(path, "rb");
    static uint8_t content[INPUT_BYTES_MAX];
    if (file == NULL) {
        perror(path);
        return 1;
    }
    size_t size = fread(content, 1, sizeof content, file);
    int bad = ferror(file) || !feof(file);
    (void)fclose(file);
    uint8_t *exact = malloc(size);
    if (bad || (size > 0 && exact == NULL)) {
        (void)fprintf(stderr, "%s: cannot be read whole (at most %d bytes)\n", path,
                      INPUT_BYTES_MAX - 1);
        free(exact);
        return 1;
    }
    if (size > 0)
        memcpy(exact, content, size);
    /* Said before the call: the last line tells which input crashed. */
    (void)printf("%s [%zu bytes]\n", name, size);
    (void)fflush(stdout);
    (void)LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        (void)fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return 2;
    }
    struct dirent **names = NULL;
    int count = scandir(argv[1], &names, not_hidden, alphasort);
    if (count <= 0) {
        (void)fprintf(stderr, "%s: no inputs to replay\n", argv[1]);
        free(names);
        return 1;
    }
    int failed = 0;
    for (int i = 0; i < count; i++) {
        failed += replay_file(argv[1], names[i]->d_name);
        free(names[i]);
    }
    free(names);
    return failed == 0 ? 0 : 1;
}
